"""Priority 0–100 of a site-build request, term by term (handbook section 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Weight in points and the input at which a term is full.
_TERMS: tuple[tuple[str, float, float, str], ...] = (
    ("customers", 30.0, 10.0, "customers"),
    ("gap", 20.0, 20.0, "dB"),
    ("uncovered", 15.0, 1.0, "share"),
    ("repeat_or_major", 15.0, 1.0, "yes/no"),
    ("scene", 10.0, 1.0, "yes/no"),
    ("persistence", 10.0, 6.0, "months"),
)


@dataclass(frozen=True, slots=True)
class Priority:
    """Points and the terms they are made of: ``{item, points, input, unit, full_at}``."""

    points: float
    terms: list[dict[str, object]]


def priority(
    customers: float, gap_db: float, uncovered_share: float, repeat_or_major: bool, scene: bool, months: float
) -> Priority:
    """100·(0.30·min(n/10,1) + 0.20·min(gap/20,1) + 0.15·share + 0.15·repeat + 0.10·scene + 0.10·min(months/6,1)).

    A gap that is not known (NaN) scores nothing.

    >>> priority(6, 8, 0.5, True, True, 3).points
    63.5
    """
    inputs = (customers, gap_db, uncovered_share, float(repeat_or_major), float(scene), months)
    terms = [_term(*term, value) for term, value in zip(_TERMS, inputs, strict=True)]
    return Priority(round(sum(float(str(term["points"])) for term in terms), 2), terms)


def _term(name: str, weight: float, full: float, unit: str, value: float) -> dict[str, object]:
    share = 0.0 if np.isnan(value) else float(np.clip(value / full, 0.0, 1.0))
    shown = None if np.isnan(value) else round(float(value), 3)
    return {"item": name, "points": round(weight * share, 2), "input": shown, "unit": unit, "full_at": full}
