"""How much true rates vary from place to place beyond the Poisson law, measured without looking at the high places.

Counts are negative binomial: Poisson with a Gamma-distributed rate of mean 1 and relative variance d. A unit above
its expectation enters the likelihood only as "above" (a censored observation), so that a hotspot, however hot, counts
for no more than any other unit with slightly too many cases. Lasting errors of the exposure show on both sides of the
expectation; hotspots show on one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
# Units with less expectation say nothing about rates; more units than MOST add time, not knowledge.
LEAST_EXPECTED = 1.0
FEWEST, MOST = 60, 3000
# Twice the gain in log likelihood that one Poisson sample in a thousand reaches (half a chi-square of 1 degree).
BEYOND_CHANCE = 9.55
MOST_DISPERSED = 2.0
_GRID = np.array([0.0, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.0, MOST_DISPERSED])


@dataclass(frozen=True)
class Dispersion:
    """Rates vary by independent Gamma factors of mean 1: one per unit of every level.

    units : per level the unit (0 …) of every location; variances : per level the relative variance of its factors.
    """

    units: tuple[Longs, ...] = ()
    variances: tuple[float, ...] = ()

    @property
    def total(self) -> float:
        """Relative variance of a single location's rate."""
        return float(np.prod([1.0 + v for v in self.variances]) - 1.0) if self.variances else 0.0

    def of_window(self, locations: float) -> float:
        """Relative variance of the rate of a compact window: factors of the finest level average out within it."""
        if not self.variances:
            return 0.0
        fine = self.variances[0] / locations
        return float((1.0 + fine) * np.prod([1.0 + v for v in self.variances[1:]]) - 1.0)


def estimate(counts: Floats, expected: Floats, units: list[Longs]) -> Dispersion:
    """Dispersion by level, finest first.

    Parameters
    ----------
    counts, expected : (n,) per location, over the whole period.
    units : per level (finest first, nested) the unit number of every location.

    The variance of a level is what the units of that level show beyond the next coarser level; levels whose
    dispersion is not beyond chance have none. A rate that varies between large units varies between small ones too,
    so that levels above one that was measured as even are even.
    """
    seen: list[float] = []
    even = False
    for unit in units:
        value = None if even else dispersion(_summed(unit, counts), _summed(unit, expected))
        even = even or value == 0.0
        seen.append(value or 0.0)
    coarser = 0.0
    variances: list[float] = []
    for value in reversed(seen):
        own = max((1.0 + value) / (1.0 + coarser) - 1.0, 0.0)
        coarser = max(coarser, value)
        variances.append(own)
    variances.reverse()
    kept = [i for i, value in enumerate(variances) if value > 0.0]
    if not kept:
        return Dispersion()
    return Dispersion(tuple(units[i] for i in kept), tuple(variances[i] for i in kept))


def _summed(unit: Longs, values: Floats) -> Floats:
    return np.bincount(unit, weights=values).astype(np.float64)


def region_factors(counts: Floats, expected: Floats, unit: Longs, variance: float) -> Floats:
    """Rate factor of every location's unit: the mean of its Gamma law of relative ``variance`` given the counts."""
    prior = 1.0 / variance
    cases, usual = _summed(unit, counts), _summed(unit, expected)
    return np.asarray(((cases + prior) / (usual + prior))[unit])


def dispersion(counts: Floats, expected: Floats) -> float | None:
    """Relative variance of the rates of units; 0 unless they vary beyond chance, None with too few units to tell.

    Maximum likelihood of a negative binomial censored above the expectation, with a free common level.
    """
    chosen = np.flatnonzero(expected >= LEAST_EXPECTED)
    if len(chosen) < FEWEST:
        return None
    chosen = chosen[np.argsort(-expected[chosen], kind="stable")[:MOST]]
    sample = _Sample.of(counts[chosen], expected[chosen])
    values = np.array([sample.best(d) for d in _GRID])
    best = int(np.argmax(values))
    if 2.0 * (values[best] - values[0]) <= BEYOND_CHANCE:
        return 0.0
    return _polished(sample, best)


@dataclass(frozen=True)
class _Sample:
    """Counts, expectations and the count from which on a unit is only known to lie above."""

    counts: Floats
    expected: Floats
    above: Floats

    @classmethod
    def of(cls, counts: Floats, expected: Floats) -> _Sample:
        return cls(counts, expected, np.floor(expected) + 1.0)

    def best(self, dispersion: float) -> float:
        """Log likelihood at the best common level of the rates."""
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda level: -self._likelihood(float(np.exp(level)), dispersion), bounds=(-0.7, 0.5), method="bounded",
            options={"xatol": 2e-3},
        )  # fmt: skip
        return -float(found.fun)

    def _likelihood(self, level: float, dispersion: float) -> float:
        from scipy import special

        mean, high = level * self.expected, self.counts >= self.above
        low = ~high
        c, m = self.counts[low], mean[low]
        if dispersion <= 0.0:
            below = c * np.log(m) - m - special.gammaln(c + 1)
            beyond = special.gammainc(self.above[high], mean[high])
        else:
            a = 1.0 / dispersion
            below = special.gammaln(c + a) - special.gammaln(a) - special.gammaln(c + 1)
            below += a * np.log(a / (a + m)) + c * np.log(m / (a + m))
            beyond = special.betainc(self.above[high], a, mean[high] / (a + mean[high]))
        return float(below.sum() + np.log(np.maximum(beyond, 1e-300)).sum())


def _polished(sample: _Sample, best: int) -> float:
    """The maximum between the neighbours of the best grid point."""
    from scipy.optimize import minimize_scalar

    low, high = _GRID[best - 1], _GRID[min(best + 1, len(_GRID) - 1)]
    found = minimize_scalar(lambda d: -sample.best(d), bounds=(low, high), method="bounded", options={"xatol": 5e-3})
    return float(found.x)
