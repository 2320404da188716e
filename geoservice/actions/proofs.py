"""What besides complaints proves that an action helped: levels, test calls and counters against the controls."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoservice.config import Config

GOOD_SHARE = 0.9
FEWEST_DAYS = 7.0
WORST_SIGMA = 2.0
# Voice classes are accepted by test calls and counters, the others by levels (handbook section 7, "Verify").
VOICE = frozenset({"DROPPED_CALL", "ACCESS_FAILURE", "ONE_WAY_AUDIO", "ECHO", "CHOPPY_VOICE", "NOT_IN_SERVICE_MSG"})
CALLS, LOST_CALLS = "CQT", "RLF"


@dataclass(frozen=True)
class Samples:
    """Measurements before and after, in the treated hexes and in the controls (``rsrp_dbm``, ``source``)."""

    after: pd.DataFrame | None = None
    before: pd.DataFrame | None = None
    control_after: pd.DataFrame | None = None
    control_before: pd.DataFrame | None = None


@dataclass(frozen=True)
class CounterShift:
    """How the counters of the serving cells moved after the action.

    ``days`` covered; ``worst_z`` the worst adverse deviation of a serving cell against its own
    weeks before; ``control_z`` the median of the same over the cells of the controls.
    """

    days: float = 0.0
    worst_z: float = float("nan")
    control_z: float = float("nan")

    @property
    def adverse_z(self) -> float:
        """Deviation beyond what the controls show too."""
        return self.worst_z - np.nan_to_num(self.control_z)


@dataclass(frozen=True)
class Proof:
    """Technical acceptance: ``passed`` True or False where it can be told, None where data lack."""

    passed: bool | None
    level_share: float
    level_samples: int
    level_gain: float
    calls: int
    lost_calls: int
    counter_days: float
    counter_z: float
    lacking: tuple[tuple[str, str], ...] = field(default_factory=tuple)


def prove(samples: Samples, counters: CounterShift | None, classes: tuple[str, ...], config: Config) -> Proof:
    """Acceptance rules of the handbook: 30 samples, 90 % above the threshold; voice also 20 calls and 7 days.

    Zero lost calls of twenty still allow 13.9 % at 95 %, so the serving cells' counters must lie
    within two sigma for seven days besides.

    Parameters
    ----------
    classes : complaint classes the action was about; voice rules hold when any of them is about calls.
    """
    share, count = _share(samples.after, config)
    calls, lost = _calls(samples.after)
    days, z = (0.0, float("nan")) if counters is None else (counters.days, counters.adverse_z)
    checks = [_level(share, count, config)]
    if VOICE & set(classes):
        checks += [_by_calls(calls, lost, config), _by_counters(days, z)]
    verdicts = [verdict for verdict, _ in checks]
    passed = False if False in verdicts else (None if None in verdicts else True)
    lacking = tuple(words for verdict, words in checks if verdict is None and words is not None)
    return Proof(passed, share, count, _gain(samples, config), calls, lost, days, z, lacking)


Check = tuple[bool | None, tuple[str, str] | None]


def _level(share: float, count: int, config: Config) -> Check:
    if count < config["verify_samples"]:
        return None, (f"实测样点仅 {count} 个", f"only {count} measured samples")
    return bool(share >= GOOD_SHARE), None


def _by_calls(calls: int, lost: int, config: Config) -> Check:
    needed = config["verify_cqt_calls"]
    if lost > 0 and calls > 0:
        return False, None
    if calls < needed:
        return None, (f"拨测仅 {calls} 次（需 {needed:.0f} 次）", f"only {calls} test calls of {needed:.0f}")
    return True, None


def _by_counters(days: float, z: float) -> Check:
    if days < FEWEST_DAYS or not np.isfinite(z):
        return None, (f"服务小区指标仅 {days:.0f} 天（需 7 天）", f"counters of only {days:.0f} days of 7")
    return bool(z <= WORST_SIGMA), None


def _share(frame: pd.DataFrame | None, config: Config) -> tuple[float, int]:
    if frame is None or not len(frame):
        return float("nan"), 0
    level = frame["rsrp_dbm"].to_numpy("float64", na_value=np.nan)
    level = level[np.isfinite(level)]
    return (float((level >= config["rsrp_weak"]).mean()) if level.size else float("nan")), int(level.size)


def _gain(samples: Samples, config: Config) -> float:
    """Rise of the share above the threshold here less its rise in the controls; NaN where either is unknown."""
    shares = [
        _share(frame, config)[0]
        for frame in (samples.after, samples.before, samples.control_after, samples.control_before)
    ]
    return (shares[0] - shares[1]) - (shares[2] - shares[3])


def _calls(frame: pd.DataFrame | None) -> tuple[int, int]:
    if frame is None or "source" not in frame:
        return 0, 0
    return int(frame["source"].eq(CALLS).sum()), int(frame["source"].eq(LOST_CALLS).sum())
