"""What the numbers of a column are like, of a chunk and of a whole file: the same answer either way."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from geoservice.records import Seen

LARGE = 60.0  # dBm: no reference signal has more, so a greater number is in tenths
FEW = 8  # different numbers of which a list is kept; channel bandwidths are six
NOTHING = Seen(np.inf, -np.inf, 0, 0, frozenset())


def seen_of(values: NDArray[np.float64]) -> Seen:
    """What these numbers are like; NaN is none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return NOTHING
    different = np.unique(known)
    few = frozenset(different.tolist()) if len(different) <= FEW else None
    return Seen(float(different[0]), float(different[-1]), len(known), int((known > LARGE).sum()), few)


def together(several: Iterable[Seen]) -> Seen:
    """What the numbers of all of them are like."""
    return reduce(_joined, several, NOTHING)


def _joined(one: Seen, other: Seen) -> Seen:
    few = None if one.few is None or other.few is None else one.few | other.few
    if few is not None and len(few) > FEW:
        few = None
    return Seen(
        min(one.low, other.low), max(one.high, other.high), one.numbers + other.numbers, one.large + other.large, few
    )
