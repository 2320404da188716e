"""Work orders for diagnosed subjects: who does what by when, with its computed effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.actions.catalogue import Step, actions, steps
from geoservice.actions.masts import responsible, surroundings
from geoservice.actions.response import ResponseCurve
from geoservice.actions.search import FIELDS, Trial, search
from geoservice.actions.sentences import action_sentences
from geoservice.actions.shortfall import Weak, why
from geoservice.actions.sites import BUILD, WAIT
from geoservice.config import Config
from geoservice.records import WhatIf

# Re-running coverage for every hotspot of a country would take hours; the worst ones first.
MOST_SEARCHED = 25
SHOWN_TRIALS = 3
# A planned site within the subject's own radius is waited for (A20), but never nearer than a block.
LEAST_WAIT_M = 300.0
SURVEY = Step("", "A15", "网优", 2, "WD", "T3")
STATISTICS = Step("", "A17", "网络维护中心", 5, "WD", "T2")
EXPLAIN = Step("", "A01", "前台", 48, "h", "T4")
# Where nobody can be called back the place itself is asked (decision 0147).
GO_THERE = Step("", "A15", "网优", 2, "WD", "T2")
# Bold rules of the handbook that hold whatever else is known: class -> what is done in any case.
BY_CLASS: Mapping[str, Step] = {
    "NO_COVERAGE": SURVEY,
    "ACCESS_FAILURE": STATISTICS,
    "ONE_WAY_AUDIO": STATISTICS,
    "ECHO": STATISTICS,
    "TERMINAL_SIM": EXPLAIN,
}


@dataclass(frozen=True)
class Case:
    """One subject with everything needed to plan for it."""

    evidence: Mapping[str, Any]
    diagnoses: Sequence[Mapping[str, Any]]
    cells: pd.DataFrame
    trials: Mapping[str, list[Trial]] = field(default_factory=dict)
    anonymous: bool = False
    weak: Weak | None = None


def plan(
    diagnoses: pd.DataFrame,
    evidence: pd.DataFrame,
    hotspots: pd.DataFrame,
    coverage: pd.DataFrame,
    cells: pd.DataFrame,
    what_if: WhatIf | None,
    config: Config,
    now: datetime,
    *,
    response: ResponseCurve | None = None,
    most_searched: int = MOST_SEARCHED,
    anonymous: Collection[str] = (),
) -> pd.DataFrame:
    """Ranked actions of every subject.

    Parameters
    ----------
    diagnoses, evidence, hotspots, coverage, cells : tables of these names.
    what_if : re-runs coverage under changes; without it gains come from the catalogue.
    now : when the orders are given (aware); clocks start here.
    response : complaints against signal on the operator's own data, for complaints avoided.
    most_searched : how many of the best-ranked subjects get their antennas tried.
    anonymous : subjects none of whose callers is known: a call back would reach nobody.

    Returns
    -------
    DataFrame
        Table ACTIONS. Changes with net <= 0 are not proposed; they stand in ``tried`` of what is.
    """
    searched = _searched(diagnoses, hotspots, most_searched) if what_if is not None else set()
    facts = {str(row["subject_id"]): row for row in _records(evidence)}
    rows: list[dict[str, object]] = []
    for subject, part in diagnoses.groupby("subject_id", sort=False):
        found = _records(part.sort_values("rank"))
        unknown = str(subject) in anonymous
        case = Case(facts[str(subject)], found, responsible(facts[str(subject)], cells), anonymous=unknown)
        if what_if is not None and subject in searched:
            weak = Weak.around(case.evidence, coverage, config)
            case = replace(case, trials=_trials(case, coverage, what_if, config), weak=weak)
        rows += _orders(case, config, now, response)
    return tables.conform(pd.DataFrame(rows), tables.ACTIONS) if rows else tables.empty(tables.ACTIONS)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _searched(diagnoses: pd.DataFrame, hotspots: pd.DataFrame, most: int) -> set[str]:
    ranked = hotspots.sort_values("rank")["hotspot_id"].astype(str) if "rank" in hotspots else hotspots["hotspot_id"]
    wanted = set(diagnoses.loc[diagnoses["shown"].astype(bool) & diagnoses["cause"].map(_is_radio), "subject_id"])
    return set([s for s in ranked if s in wanted][:most])


def _is_radio(cause: str) -> bool:
    return any(step.action in FIELDS or step.action == "A16" for step in steps(cause))


def _trials(case: Case, coverage: pd.DataFrame, what_if: WhatIf, config: Config) -> dict[str, list[Trial]]:
    """Antennas near the subject; what a new site would bring is computed where it is sited (decision 0140)."""
    wanted = {s.action for d in _shown(case) for s in steps(d["cause"])}
    codes, builds = sorted(wanted & set(FIELDS)), BUILD.action in wanted
    near = surroundings(case.evidence, coverage)
    return search(
        sorted(FIELDS) if builds else codes or ["A07", "A09"], case.cells, what_if, config, near, visits=builds
    )


def _shown(case: Case) -> list[Mapping[str, Any]]:
    return [d for d in case.diagnoses if d["shown"]]


def _orders(case: Case, config: Config, now: datetime, response: ResponseCurve | None) -> list[dict[str, object]]:
    chosen = [(step, trial) for step in _steps(case) for trial in [_trial(case, step)] if _useful(step, trial, case)]
    refused = _refused(case)
    rows = []
    for rank, (step, trial) in enumerate(chosen, 1):
        rows.append(_row(case, step, trial, rank, config, now, response) | {"tried": refused})
    return rows


def _steps(case: Case) -> list[Step]:
    """Steps of the shown causes in order, bold rules for what is unknown, a site when antennas fail."""
    found: list[Step] = []
    for diagnosis in _shown(case):
        if diagnosis["cause"] == "K_UNKNOWN":
            found += _bold(case)
        found += steps(diagnosis["cause"])
    if case.anonymous:
        found = [GO_THERE if step.action == "A02" else step for step in found]
    if _antennas_failed(case):
        found.append(BUILD)
    unique = list({step.action: step for step in reversed(found)}.values())[::-1]
    return _with_planned_site(case, sorted(unique, key=lambda s: s.action == "A16"))


def _bold(case: Case) -> list[Step]:
    """What the seed orders for a class even before the cause is known; clusters: statistics first."""
    counts = case.evidence.get("classes")
    counts = counts if isinstance(counts, dict) else {}
    main = max(counts, key=lambda c: counts[c], default=None)
    if main in BY_CLASS:
        return [BY_CLASS[str(main)]]
    many = bool(case.evidence.get("is_cluster"))
    return [STATISTICS] if many else []


def _antennas_failed(case: Case) -> bool:
    tried = [t for code in FIELDS for t in case.trials.get(code, [])]
    wanted = {s.action for d in _shown(case) for s in steps(d["cause"])} & set(FIELDS)
    weak = case.diagnoses[0]["cause"] == "K_WEAK"  # more sites do not cure too many servers
    return bool(weak and wanted and tried and max(t.net for t in tried) <= 0)


def _with_planned_site(case: Case, found: list[Step]) -> list[Step]:
    distance = case.evidence.get("planned_site_m")
    reach = max(float(case.evidence["radius_m"]), LEAST_WAIT_M)
    near = distance is not None and np.isfinite(distance) and distance <= reach
    if not near or not any(s.action == "A16" for s in found):
        return found
    position = next(i for i, s in enumerate(found) if s.action == "A16")
    return [*found[:position], WAIT, *found[position:]]


def _trial(case: Case, step: Step) -> Trial | None:
    found = case.trials.get(step.action)
    return found[0] if found else None


def _useful(step: Step, trial: Trial | None, case: Case) -> bool:
    """Refuse antenna changes that were tried and bring nothing; a site demand stands by the seed's rule."""
    if step.action not in FIELDS or not case.trials:
        return True
    return trial is not None and trial.net > 0


def _refused(case: Case) -> list[dict[str, object]]:
    """Alternatives that were tried and are not proposed, with the reason."""
    proposed = {s.action for d in _shown(case) for s in steps(d["cause"])} | {BUILD.action}
    found = []
    for code, trials in case.trials.items():
        found += [_tried(code, t, case.weak) for t in trials[:SHOWN_TRIALS] if t.net <= 0]
        if trials and trials[0].net > 0 and code not in proposed:
            found.append(_tried(code, trials[0], case.weak))
        if not trials:
            found.append({"action": code, "changes": [], "net": None, **why(None)})
    return found


def _tried(code: str, trial: Trial, weak: Weak | None) -> dict[str, object]:
    numbers = {"gain": round(trial.effect.gain, 1), "harm": round(trial.effect.harm, 1), "net": round(trial.net, 1)}
    return {"action": code, "changes": [dict(m) for m in trial.moves], **numbers, **why(trial, weak)}


def _row(
    case: Case, step: Step, trial: Trial | None, rank: int, config: Config, now: datetime,
    response: ResponseCurve | None,
) -> dict[str, object]:  # fmt: skip
    subject, cause = str(case.evidence["subject_id"]), str(case.diagnoses[0]["cause"])
    zh, en = action_sentences(step.action, case.evidence, case.diagnoses[0], trial)
    return {
        "action_id": f"{subject}-{step.action}",
        "subject_id": subject,
        "rank": rank,
        "action": step.action,
        "cause": step.cause or cause,
        "department": step.department,
        "cost_class": actions()[step.action].cost_class,
        "sla": step.sla_text,
        "due": step.due(now, config),
        "script": step.script,
        "changes": [dict(m) for m in trial.moves] if trial else [],
        **_gain(trial, response),
        "sentence_zh": zh,
        "sentence_en": en,
    }


def _gain(trial: Trial | None, response: ResponseCurve | None) -> dict[str, object]:
    if trial is None:
        return {"gain_basis": "catalogue"}
    row: dict[str, object] = {
        "gain_customers": trial.effect.gain,
        "harm_customers": trial.effect.harm,
        "net_customers": trial.net,
        "gain_basis": "computed",
    }
    if response is not None:
        avoided = response.avoided(trial.outcome)
        row |= {"complaints_avoided": avoided.mean, "avoided_low": avoided.low, "avoided_high": avoided.high}
    return row
