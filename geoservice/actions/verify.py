"""Did it work? Before and after against matched control hexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from geoservice.actions.controls import match_controls
from geoservice.actions.proofs import CounterShift, Proof, Samples, prove
from geoservice.config import Config

WINDOW_DAYS = 30.0  # handbook section 7, "Verify": distinct complainers in 30 days fall by half
NEEDED_FALL = 0.5
TREND_P = 0.05
SOLVED, NOT_SOLVED, UNDECIDED = "solved", "not solved", "not enough data"


@dataclass(frozen=True)
class Verification:
    """Outcome of an action.

    ``ratio`` is (after/before here) / (after/before in the controls) with its exact conditional
    95 % interval; ``pre_trend_p`` tests that both moved alike before; ``technical`` the acceptance by
    levels, test calls and counters (None where these lack), with ``level_gain`` the rise of the share above
    the threshold beyond the controls'; ``lacking`` names what would decide, zh and en.
    """

    verdict: str
    before: int
    after: int
    control_before: int
    control_after: int
    controls: int
    ratio: float
    ratio_low: float
    ratio_high: float
    pre_trend_p: float
    repeats: int
    level_share: float
    level_samples: int
    level_gain: float
    calls: int
    lost_calls: int
    counter_days: float
    counter_z: float
    technical: bool | None
    reopen: bool
    lacking: tuple[Mapping[str, str], ...]
    sentence_zh: str
    sentence_en: str


def verify(
    treated: pd.DataFrame,
    complaints: pd.DataFrame,
    weights: pd.DataFrame,
    coverage: pd.DataFrame,
    done_at: datetime,
    now: datetime,
    config: Config,
    *,
    measurements_after: pd.DataFrame | None = None,
    class_codes: tuple[str, ...] = (),
    samples: Samples | None = None,
    counters: CounterShift | None = None,
) -> Verification:
    """Compare distinct complaining customers before and after with matched control hexes.

    Parameters
    ----------
    treated : ``hex``, ``weight`` of the place the action was to help.
    complaints : table COMPLAINTS.
    weights : table WEIGHTS at the resolution of ``treated``; a complaint counts where most of it lies.
    coverage : table COVERAGE, for the exposure of the hexes.
    done_at, now : when the action was finished, and today (aware).
    measurements_after : samples inside the treated hexes after ``done_at`` with ``rsrp_dbm``.
    class_codes : classes the action was about; all when empty.
    samples : measurements before and after, here and in the controls; instead of ``measurements_after``.
    counters : how the counters of the serving cells moved.
    """
    days = min(WINDOW_DAYS, (now - done_at) / timedelta(days=1))
    cases = _cases(complaints, weights, class_codes, done_at)
    here = set(treated["hex"].astype("int64"))
    controls = match_controls(here, cases, coverage, before_day=-2 * WINDOW_DAYS)
    counts = _counts(cases, here, controls, days)
    ratio, low, high = rate_ratio(*counts)
    trend = _pre_trend(cases, here, controls)
    repeats = _repeats(cases, here, config["verify_no_repeat_days"])
    proof = prove(samples or Samples(after=measurements_after), counters, class_codes, config)
    verdict, lacking = _verdict(days, ratio, low, high, trend, repeats, proof, len(controls), config)
    zh, en = _sentences(verdict, counts, ratio, low, high)
    return Verification(
        verdict, *counts, len(controls), ratio, low, high, trend, repeats, proof.level_share, proof.level_samples,
        proof.level_gain, proof.calls, proof.lost_calls, proof.counter_days, proof.counter_z, proof.passed,
        verdict == NOT_SOLVED, lacking, zh, en,
    )  # fmt: skip


def controls_of(
    treated: pd.DataFrame, complaints: pd.DataFrame, weights: pd.DataFrame, coverage: pd.DataFrame,
    done_at: datetime, class_codes: tuple[str, ...] = (),
) -> set[int]:  # fmt: skip
    """The control hexes that :func:`verify` would take, so that their measurements can be looked up."""
    cases = _cases(complaints, weights, class_codes, done_at)
    return match_controls(set(treated["hex"].astype("int64")), cases, coverage, before_day=-2 * WINDOW_DAYS)


def _cases(complaints: pd.DataFrame, weights: pd.DataFrame, codes: tuple[str, ...], done_at: datetime) -> pd.DataFrame:
    """Complaints with their main hex and the days since the action (negative before)."""
    main = weights.sort_values("weight", ascending=False).drop_duplicates("complaint_id")[["complaint_id", "hex"]]
    chosen = complaints[complaints["class"].isin(codes)] if codes else complaints
    frame = chosen.merge(main, on="complaint_id")
    who = frame["customer_key"].fillna(frame["complaint_id"])
    day = (frame["accepted_at"] - pd.Timestamp(done_at)) / pd.Timedelta(days=1)
    return pd.DataFrame({"who": who, "hex": frame["hex"], "class": frame["class"], "day": day})


def _distinct(cases: pd.DataFrame, hexes: set[int], begin: float, end: float) -> int:
    inside = cases["hex"].isin(hexes) & (cases["day"] >= begin) & (cases["day"] < end)
    return int(cases.loc[inside, "who"].nunique())


def _counts(cases: pd.DataFrame, here: set[int], controls: set[int], days: float) -> tuple[int, int, int, int]:
    spans = ((-days, 0.0), (0.0, days))
    before, after = (_distinct(cases, here, *span) for span in spans)
    control_before, control_after = (_distinct(cases, controls, *span) for span in spans)
    return before, after, control_before, control_after


def rate_ratio(before: int, after: int, control_before: int, control_after: int) -> tuple[float, float, float]:
    """(after/before) over the controls' (after/before) with the exact conditional 95 % interval.

    Given the sums, the treated count after is non-central hypergeometric in the ratio; without
    controls the binomial with equal spans (Lehmann & Romano, Testing Statistical Hypotheses, 4.5).
    """
    from scipy import stats

    if before + after == 0:
        return float("nan"), 0.0, float("inf")
    if control_before + control_after == 0:
        interval = stats.binomtest(after, before + after).proportion_ci(0.95, method="exact")
        low, high = (p / (1 - p) if p < 1 else float("inf") for p in (interval.low, interval.high))
        return (after / before if before else float("inf")), float(low), float(high)
    table = [[after, before], [control_after, control_before]]
    found = stats.contingency.odds_ratio(table, kind="conditional")
    span = found.confidence_interval(0.95)
    return float(found.statistic), float(span.low), float(span.high)


def _pre_trend(cases: pd.DataFrame, here: set[int], controls: set[int]) -> float:
    """p of the hypothesis that place and controls moved alike over the two halves before the action."""
    from scipy import stats

    halves = ((-2 * WINDOW_DAYS, -WINDOW_DAYS), (-WINDOW_DAYS, 0.0))
    table = np.array([[_distinct(cases, hexes, *half) for half in halves] for hexes in (here, controls)])
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return float("nan")
    return float(stats.fisher_exact(table)[1])


def _repeats(cases: pd.DataFrame, here: set[int], days: float) -> int:
    """Customers of before who complain again within the days after."""
    inside = cases[cases["hex"].isin(here)]
    old = set(inside.loc[inside["day"] < 0, "who"])
    again = inside[(inside["day"] >= 0) & (inside["day"] < days)]
    return len(set(again["who"]) & old)


def _verdict(
    days: float, ratio: float, low: float, high: float, trend: float, repeats: int, proof: Proof, controls: int,
    config: Config,
) -> tuple[str, tuple[Mapping[str, str], ...]]:  # fmt: skip
    lacking = []
    if days < config["verify_no_repeat_days"]:
        lacking.append(_lack(f"完成后仅 {days:.0f} 天", f"only {days:.0f} days since the action"))
    if controls == 0:
        lacking.append(_lack("没有可比的对照区域", "no comparable control hexes"))
    if np.isfinite(trend) and trend < TREND_P:
        lacking.append(_lack("此前趋势与对照不一致", "place and controls moved apart before the action"))
    blocked = bool(lacking)
    lacking += [_lack(*words) for words in proof.lacking]
    if proof.passed is False:
        return NOT_SOLVED, tuple(lacking)
    return _by_complaints(ratio, low, high, repeats, blocked), tuple(lacking)


def _by_complaints(ratio: float, low: float, high: float, repeats: int, blocked: bool) -> str:
    """Solved: fallen by half and surely fallen, nobody back. Not solved: surely not fallen by half."""
    if blocked or not np.isfinite(ratio):
        return UNDECIDED
    if ratio <= NEEDED_FALL and high < 1.0:
        return SOLVED if repeats == 0 else NOT_SOLVED
    return NOT_SOLVED if low > NEEDED_FALL else UNDECIDED


def _lack(zh: str, en: str) -> Mapping[str, str]:
    return {"zh": zh, "en": en}


def _sentences(
    verdict: str, counts: tuple[int, int, int, int], ratio: float, low: float, high: float
) -> tuple[str, str]:
    words = {SOLVED: "已解决", NOT_SOLVED: "未解决", UNDECIDED: "数据不足"}
    before, after, control_before, control_after = counts
    span = f"{ratio:.2f} [{low:.2f}–{high:.2f}]"
    zh = (
        f"{words[verdict]}：投诉用户由 {before} 名变为 {after} 名，"
        f"对照 {control_before} 名变为 {control_after} 名，比值 {span}。"
    )
    en = (
        f"{verdict.capitalize()}: complaining customers went from {before} to {after}, "
        f"in the controls from {control_before} to {control_after}; ratio {span}."
    )
    return zh, en
