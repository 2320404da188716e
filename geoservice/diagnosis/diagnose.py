"""Causes of hotspots and places: gates first, then scored causes, honest when it does not suffice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.config import Config
from geoservice.diagnosis.causes import labels, missing
from geoservice.diagnosis.decision import Decision, Item, bound, decision
from geoservice.diagnosis.score import Answer, Scored, Scorer, is_open

UNKNOWN = "K_UNKNOWN"
# Causes weaker than this are not worth a row; more than five confuse.
FAINTEST, MOST_CAUSES = 0.1, 5
# A missing table is named only for causes the customers' words do not speak against.
PLAUSIBLE_CLASS = 0.5


def diagnose(evidence: pd.DataFrame, config: Config, table: Decision | None = None) -> pd.DataFrame:
    """Ranked causes of every subject.

    Parameters
    ----------
    evidence : table EVIDENCE.
    config : thresholds.
    table : the decision table; the shipped one when not given.

    Returns
    -------
    DataFrame
        Table DIAGNOSES. A gate that matches stands alone. Otherwise the scored causes; where the
        best stays under ``cause_min`` the first row is K_UNKNOWN, ``missing`` naming what to measure.
    """
    if not len(evidence):
        return tables.empty(tables.DIAGNOSES)
    table = table or decision()
    scorer = Scorer(evidence, table, config)
    gates = [scorer.score(rule) for rule in table.gates]
    scored = [scorer.score(rule) for rule in table.causes]
    rows: list[dict[str, object]] = []
    for position, subject in enumerate(evidence["subject_id"]):
        gate = next((g for g in gates if g.matched[position]), None)
        found = [_row(gate, position, config)] if gate else _ranked(scored, position, table, config)
        rows += [{"subject_id": subject, "rank": rank, **row} for rank, row in enumerate(found, 1)]
    return tables.conform(pd.DataFrame(rows), tables.DIAGNOSES)


def _ranked(scored: Sequence[Scored], position: int, table: Decision, config: Config) -> list[dict[str, object]]:
    order = sorted(scored, key=lambda s: -s.confidence[position])
    top = float(order[0].confidence[position])
    gap = config[table.gap]
    sure = bool(top >= config[table.limit])
    kept = [s for s in order if s.confidence[position] >= FAINTEST and _speaks(s, position, sure)][:MOST_CAUSES]
    rows = [_row(s, position, config, shown=s.confidence[position] > top - gap) for s in kept]
    if sure:
        return rows
    return [_unknown(scored, position, top, config[table.limit]), *[row | {"shown": False} for row in rows]]


def _speaks(scored: Scored, position: int, sure: bool) -> bool:
    """Beside a sure cause only decided ones count; else also those that a measurement could decide."""
    return bool(scored.decided[position] or (not sure and scored.open[position] and _plausible(scored, position)))


def _row(scored: Scored, position: int, config: Config, *, shown: bool = True) -> dict[str, object]:
    is_gate = not scored.rule.classes
    return {
        "cause": scored.rule.cause,
        "confidence": round(float(scored.confidence[position]), 3),
        "is_gate": is_gate,
        "shown": bool(shown),
        "evidence": [_support(a, position, config) for a in scored.evidence if _counts(a, position)],
        "contradictions": [_contradiction(a, position) for a in scored.against if a.quality[position] >= 0.25],
        "missing": _lacking(scored, position),
    }


def _counts(answer: Answer, position: int) -> bool:
    return bool(answer.quality[position] >= 0.1) and (bool(answer.weight[position] > 0) or answer.item.kind == "guard")


def _support(answer: Answer, position: int, config: Config) -> dict[str, object]:
    item = answer.item
    label = labels()[item.what]
    return {
        "what": item.what,
        "value": _number(answer.value[position]),
        "unit": label.unit,
        "threshold": _threshold(item, config),
        "source": label.source,
        "basis": _basis(item, float(answer.weight[position])),
        "weight": round(float(answer.weight[position]), 3),
        "quality": round(float(answer.quality[position]), 3),
    }


def _threshold(item: Item, config: Config) -> str | None:
    low = None if item.above is None else bound(item.above, config)
    high = None if item.below is None else bound(item.below, config)
    if low is not None and high is not None:
        return f"{low:g}…{high:g}"
    if low is not None:
        return f"> {low:g}"
    return None if high is None else f"< {high:g}"


def _basis(item: Item, weight: float) -> str:
    """What a value rests on: levels by their weight, network records and counts are measured."""
    if item.kind in {"level", "sinr", "indoor"}:
        return "measured" if weight >= 0.6 else ("blended" if weight > 0.35 else "predicted")
    return "predicted" if item.kind in {"prediction", "beside"} else "measured"


def _contradiction(answer: Answer, position: int) -> dict[str, object]:
    label = labels()[answer.item.what]
    strength = answer.weight[position] * answer.quality[position]
    return {
        "what": answer.item.what,
        "value": None if answer.item.absent else _number(answer.value[position]),
        "unit": label.unit,
        "strength": round(float(strength), 3),
    }


def _lacking(scored: Scored, position: int) -> list[dict[str, object]]:
    unknown = {a.item.table for a in scored.evidence if a.item.table and not np.isfinite(a.value[position])}
    doubted = {labels()[a.item.what].source for a in scored.against if a.item.absent and a.quality[position] >= 0.25}
    return [_measure(name, [scored.rule.cause]) for name in sorted(unknown | doubted)]


def _measure(table: str, causes: list[str]) -> dict[str, object]:
    found = missing()[table]
    return {"what": found.code, "table": table, "decides": causes, "zh": found.zh, "en": found.en}


def _unknown(scored: Sequence[Scored], position: int, top: float, limit: float) -> dict[str, object]:
    """The row that admits it: the measurements that could lift a plausible cause over the limit, best first."""
    wanted: dict[str, tuple[float, list[str]]] = {}
    for one in scored:
        potential = float(one.potential[position])
        if potential < limit or not _plausible(one, position):
            continue
        for name in _tables_that_decide(one, position):
            best, causes = wanted.get(name, (0.0, []))
            wanted[name] = (max(best, potential), [*causes, one.rule.cause])
    ordered = sorted(wanted.items(), key=lambda entry: (-len(entry[1][1]), -entry[1][0], entry[0]))
    asked = [_measure(name, causes) for name, (_, causes) in ordered] or [_measure("none", [])]
    return {
        "cause": UNKNOWN,
        "confidence": round(1.0 - top, 3),
        "is_gate": False,
        "shown": True,
        "evidence": [],
        "contradictions": [],
        "missing": asked,
    }


def _plausible(scored: Scored, position: int) -> bool:
    rule = next((a for a in scored.evidence if a.item.what == "class_rule"), None)
    return rule is None or bool(rule.quality[position] >= PLAUSIBLE_CLASS)


def _tables_that_decide(scored: Scored, position: int) -> set[str]:
    """Tables behind decisive questions without a measured answer, and behind doubts for want of a table."""
    names = {a.item.table for a in scored.evidence if a.item.decisive and is_open(a)[position]}
    doubts = [a for a in scored.against if a.item.what.endswith("_open") and a.quality[position] > 0.25]
    return names | {labels()[a.item.what].source for a in doubts}


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
