"""Answers for those who must not find out about single customers: what is told, what is rounded, what is left out.

Only what is named here is told. Exact counts, points weighted by customers, trends and likelihoods are left out: two
overlapping hotspots or two successive runs would otherwise give away the customer in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy, grid
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.service.lattice import lattice, rounded
from geoservice.service.run_view import RunView

Answer = dict[str, Any]
# Measures of complaints that the lattice can answer; Gi* is a sum over neighbours and would give them away.
TOLD_MEASURES = ("customers", "rate")
# Evidence of these tables speaks of the network; the other kinds count complaints.
_NETWORK = frozenset(
    {"cells", "coverage", "kpis", "alarms", "measurements", "planned_sites", "neighbours", "energy_windows"}
)
_REQUEST_COUNTS = {
    "zh": (re.compile(r"\d+名用户投诉\d+次"), re.compile(r"(优先级)\d+(?:\.\d+)?")),
    "en": (re.compile(r"\d+ customers complained \d+ times"), re.compile(r"(Priority )\d+(?:\.\d+)?")),
}
_LEFT_OUT = ("risk_low", "risk_high", "llr", "p_raw", "precise_share", "survives_precise", "emerging", "seed")


def withheld(what: str) -> InputError:
    """The refusal of something that would give single customers away."""
    return InputError(f"{what} is not told to your role: single customers could be found out from it", code="withheld")


@dataclass(frozen=True, slots=True)
class Discretion:
    """The rule of a deployment: fewest customers told of, and the step of what is told."""

    least: float
    step: float

    @classmethod
    def of(cls, config: Config) -> Discretion:
        """From the thresholds ``publish_min_customers`` and ``publish_step``."""
        return cls(config["publish_min_customers"], config["publish_step"])

    def count(self, value: Any) -> int | None:
        """A count as it is told."""
        if value is None or not np.isfinite(float(value)) or float(value) < self.least:
            return None
        return int(rounded(pd.Series([float(value)]), self.step).iloc[0])

    def told(self, view: RunView) -> dict[int, pd.Series]:
        """The lattice of a run, all classes together: made once."""
        kept = view.kept.get(self)
        if kept is None:
            rows = view.hex_rates[view.hex_rates["class_group"] == "all"]
            kept = lattice(rows["hex"].to_numpy(np.int64), rows["customers"].to_numpy(float), self.least, self.step)
            view.kept[self] = kept
        return dict(kept)

    # --- hexes -------------------------------------------------------------------------------

    def hex_rows(self, view: RunView) -> pd.DataFrame:
        """Rows like those of ``hex_rates`` at the run's own resolution: told hexes, what may be told of them."""
        told = self.told(view)
        if not told:
            return view.hex_rates.iloc[:0]
        finest = told[max(told)]
        rows = view.hex_rates[view.hex_rates["class_group"] == "all"].set_index("hex")
        rows = rows.loc[finest.index].assign(customers=finest.to_numpy(float))
        return self._plain(rows.reset_index(names="hex"))

    def hexes_at(self, view: RunView, resolution: int) -> pd.DataFrame:
        """Index hex; customers, contacts, expected, rate, gi_z of told hexes at one resolution."""
        told = self.told(view)
        finest = max(told, default=resolution)
        values = told.get(min(resolution, finest), pd.Series(dtype=float))
        rows = view.hex_rates[view.hex_rates["class_group"] == "all"]
        parents = grid.parents(rows["hex"].to_numpy(np.int64), min(resolution, finest))
        expected = rows["expected"].groupby(parents).sum().reindex(values.index)
        frame = pd.DataFrame({"customers": values, "expected": expected})
        return self._plain(frame.rename_axis("hex").reset_index()).set_index("hex")

    def _plain(self, rows: pd.DataFrame) -> pd.DataFrame:
        expected = rows["expected"].where(rows["expected"] > 0)
        rate = (rows["customers"] / expected).round(1)
        blank = dict.fromkeys(("contacts", "expected", "gi_z", "gi_p"), np.nan)
        return rows.assign(rate=rate, **blank, emerging=None)

    # --- hotspots and requests ---------------------------------------------------------------

    def hotspot(self, spot: Answer) -> Answer:
        """A hotspot without what could give a customer away."""
        customers = self.count(spot["customers"])
        expected = round(spot["expected"])
        lat, lon = _nearest_hex(spot)
        told = {**spot, **dict.fromkeys(_LEFT_OUT), "lat": lat, "lon": lon, "customers": customers}
        told |= {"contacts": None, "expected": expected, "trend": [], "hex_weights": [], "history": []}
        told["relative_risk"] = round(customers / expected, 1) if customers and expected else None
        told["p_value"] = round(spot["p_value"], 3)
        told["classes"] = self.classes(spot["classes"])
        told["causes"] = [_cause(cause) for cause in spot["causes"]]
        return told | _sentences(customers, expected)

    def request(self, row: Answer) -> Answer:
        """A site-build request without what could give a customer away."""
        told = {**row, "customers": self.count(row["customers"]) or 0, "contacts": None}
        told["classes"] = self.classes(row.get("classes"))
        told["priority_terms"] = [self._term(term) for term in row["priority_terms"] or []]
        told["priority"] = round(sum(float(term["points"]) for term in told["priority_terms"]), 2)
        for language in ("zh", "en"):
            told[f"sentence_{language}"] = _request_sentence(row[f"sentence_{language}"], told, language)
        return told

    def requests(self, rows: list[Answer]) -> list[Answer]:
        """Requests in the order of what is told: the exact order would tell what was rounded."""
        return sorted(map(self.request, rows), key=lambda row: (-row["priority"], row["request_no"]))

    def _term(self, term: Answer) -> Answer:
        """One term of a priority, computed anew from the told count where it counts customers."""
        if term.get("unit") != "customers" or not term.get("input"):
            return dict(term)
        told, full = self.count(term["input"]) or 0, float(term["full_at"])
        weight = float(term["points"]) / min(float(term["input"]) / full, 1.0)
        return {**term, "input": told, "points": round(weight * min(told / full, 1.0), 2)}

    def classes(self, given: Mapping[str, float] | None) -> dict[str, int]:
        """A mix of classes: those with enough customers, rounded."""
        counts = {code: self.count(value) for code, value in (given or {}).items()}
        return {code: count for code, count in counts.items() if count is not None}

    def steps(self, timeline: Answer) -> Answer:
        """A timeline with rounded counts; contacts are left out."""
        told = [{**step, "customers": self.count(step["customers"]) or 0, "contacts": 0} for step in timeline["steps"]]
        return {**timeline, "steps": told}

    def card(self, spot: Answer | None) -> Answer | None:
        """A hotspot as a look-up shows it."""
        if spot is None:
            return None
        customers = self.count(spot["customers"])
        return {**spot, **_sentences(customers), "customers": customers or 0}


def _nearest_hex(spot: Answer) -> tuple[float, float]:
    """The centre of a member hex instead of the centre of the customers, which moves with each of them."""
    lat, lon = grid.hex_to_latlon(grid.text_to_hex(spot["hexes"]))
    nearest = int(np.argmin(np.asarray(geodesy.distance_m(spot["lat"], spot["lon"], lat, lon))))
    return round(float(lat[nearest]), 6), round(float(lon[nearest]), 6)


def _cause(cause: Answer) -> Answer:
    kept = {name: [point for point in cause[name] or [] if point.get("source") in _NETWORK]
            for name in ("evidence", "contradictions")}  # fmt: skip
    return {**cause, **kept}


def _sentences(customers: int | None, expected: int | None = None) -> dict[str, str]:
    zh = f"约 {customers} 位用户在此投诉" if customers else "少数用户在此投诉"
    en = f"About {customers} customers complained here" if customers else "A few customers complained here"
    if expected is None:
        return {"sentence_zh": zh + "。", "sentence_en": en + "."}
    return {
        "sentence_zh": f"{zh}，预期约 {expected} 位。",
        "sentence_en": f"{en} where about {expected} were expected.",
    }


def _request_sentence(sentence: str | None, told: Answer, language: str) -> str | None:
    """The sentence of a request with told counts in it; None when it is not of the form known here."""
    count, priority = _REQUEST_COUNTS[language]
    few = {"zh": "少数用户投诉", "en": "a few customers complained"}[language]
    number = told["customers"]
    about = {"zh": f"约{number}名用户投诉", "en": f"about {number} customers complained"}[language]
    changed, found = count.subn(about if number else few, sentence or "")
    changed, ranked = priority.subn(lambda match: f"{match[1]}{told['priority']:.1f}", changed)
    return changed if found == 1 and ranked == 1 else None
