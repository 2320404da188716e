"""Complaints against signal on the operator's own data: a Poisson response curve.

log(complaints / exposure) = b0 + b1*weakness + b2*noise + b3*crowding, fitted by iteratively
reweighted least squares with a small ridge (McCullagh & Nelder, Generalized Linear Models,
ch. 2 and 6); the covariance carries the overdispersion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config
from geoservice.errors import NotEnoughData

Floats = NDArray[np.float64]

FEWEST_COMPLAINTS, FEWEST_HEXES = 30.0, 20
RIDGE = 1e-2
# Above -85 dBm and 15 dB more signal is not felt; below -130 dBm and -10 dB less is not either.
LEVEL_SPAN_DBM, QUALITY_SPAN_DB = (-130.0, -85.0), (-10.0, 15.0)
TERMS = ("intercept", "weakness_per_10_db", "noise_per_5_db", "crowding")
DRAWS = 400  # antithetic pairs; the ends of the interval move by 2 % against ten times as many
MONTH_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Avoided:
    """Complaints avoided a month with a 95 % interval; negative when a change makes things worse."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class ResponseCurve:
    """Fitted coefficients of :data:`TERMS`, their covariance, and the data they rest on.

    ``dispersion`` is Pearson's chi-square per degree of freedom; ``complaints`` and ``hexes``
    how much was fitted on.
    """

    coefficients: Floats
    covariance: Floats
    dispersion: float
    complaints: float
    hexes: int
    max_overlap: float

    def rate(self, rsrp_dbm: Floats, sinr_db: Floats, overlap: Floats) -> Floats:
        """Complaining customers per exposed customer and month."""
        return np.exp(_design(rsrp_dbm, sinr_db, overlap, self.max_overlap) @ self.coefficients)

    def avoided(self, what_if: pd.DataFrame, seed: int = 0) -> Avoided:
        """Complaints a month that a change avoids; the interval comes from the coefficients' covariance.

        Parameters
        ----------
        what_if : table WHAT_IF.
        """
        customers = np.nan_to_num(what_if["customers"].to_numpy(float))
        before = self._of(what_if, "before")
        after = self._of(what_if, "after")
        saved = self._saved(customers, before, after, self.coefficients[None, :])
        rng = np.random.default_rng(seed)
        half = rng.multivariate_normal(np.zeros(len(self.coefficients)), self.covariance, DRAWS // 2)
        drawn = self.coefficients + np.concatenate([half, -half])
        low, high = np.quantile(self._saved(customers, before, after, drawn), [0.025, 0.975])
        return Avoided(float(saved[0]), float(low), float(high))

    def _of(self, what_if: pd.DataFrame, when: str) -> Floats:
        columns = (f"rsrp_{when}_dbm", f"sinr_{when}_db", f"overlap_{when}")
        level, quality, overlap = (what_if[c].to_numpy("float64", na_value=np.nan) for c in columns)
        return _design(level, quality, overlap, self.max_overlap)

    @staticmethod
    def _saved(customers: Floats, before: Floats, after: Floats, coefficients: Floats) -> Floats:
        moved = np.any(before != after, axis=1) & (customers > 0)
        rates = np.exp(before[moved] @ coefficients.T) - np.exp(after[moved] @ coefficients.T)
        return np.asarray(customers[moved] @ rates)

    def curve(self, step_db: float = 1.0) -> pd.DataFrame:
        """The curve to plot: rate per 1,000 customers and month against RSRP, at good quality.

        Columns ``rsrp_dbm``, ``rate``, ``low``, ``high`` (95 % band).
        """
        level = np.arange(LEVEL_SPAN_DBM[0], LEVEL_SPAN_DBM[1] + step_db, step_db)
        design = _design(level, np.full(len(level), QUALITY_SPAN_DB[1]), np.ones(len(level)), self.max_overlap)
        centre = design @ self.coefficients
        spread = 1.96 * np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        bands = {"rate": centre, "low": centre - spread, "high": centre + spread}
        return pd.DataFrame({"rsrp_dbm": level} | {k: 1000 * np.exp(v) for k, v in bands.items()})


def fit(hex_rates: pd.DataFrame, coverage: pd.DataFrame, days: float, config: Config) -> ResponseCurve:
    """Fit the curve on complaining customers per hex.

    Parameters
    ----------
    hex_rates : table HEX_RATES; the rows of class group ``all``, else the groups' sum.
    coverage : table COVERAGE of the same hexes, with exposure in ``customers``.
    days : length of the window the counts come from.

    Raises
    ------
    NotEnoughData
        Fewer than 30 complaints or 20 exposed hexes.
    """
    counts = _counts(hex_rates)
    joined = coverage.merge(counts, on="hex", how="left")
    exposure = joined["customers"].fillna(0).to_numpy(float) * days / MONTH_DAYS
    complaints = joined["complaints"].fillna(0).to_numpy(float)
    level = joined["rsrp_dbm"].to_numpy(float)
    usable = (exposure > 0) & np.isfinite(level)
    if complaints[usable].sum() < FEWEST_COMPLAINTS or usable.sum() < FEWEST_HEXES:
        raise NotEnoughData(
            f"the response curve needs {FEWEST_COMPLAINTS:.0f} complaints in {FEWEST_HEXES} exposed hexes; "
            f"there are {complaints[usable].sum():.0f} in {usable.sum()}"
        )
    most = config["overlap_max_incl_best"]
    overlap = joined["overlap_count"].to_numpy("float64", na_value=np.nan)
    design = _design(level, joined["sinr_db"].to_numpy(float), overlap, most)[usable]
    y, n = complaints[usable], exposure[usable]
    coefficients, information = _irls(design, y, n)
    mean = n * np.exp(design @ coefficients)
    dispersion = max(1.0, float(((y - mean) ** 2 / mean).sum() / max(len(y) - design.shape[1], 1)))
    covariance = np.asarray(dispersion * np.linalg.inv(information), np.float64)
    return ResponseCurve(coefficients, covariance, dispersion, float(y.sum()), int(usable.sum()), most)


def _counts(hex_rates: pd.DataFrame) -> pd.DataFrame:
    whole = hex_rates[hex_rates["class_group"].eq("all")]
    chosen = whole if len(whole) else hex_rates
    return chosen.groupby("hex", as_index=False).agg(complaints=("customers", "sum"))


def _design(level: Floats, quality: Floats, overlap: Floats, most: float) -> Floats:
    weakness = (LEVEL_SPAN_DBM[1] - np.clip(level, *LEVEL_SPAN_DBM)) / 10.0
    noise = (QUALITY_SPAN_DB[1] - np.clip(np.nan_to_num(quality, nan=QUALITY_SPAN_DB[1]), *QUALITY_SPAN_DB)) / 5.0
    crowd = np.clip(np.nan_to_num(overlap, nan=1.0) - most, 0, 5)
    weakness = np.where(np.isfinite(level), weakness, (LEVEL_SPAN_DBM[1] - LEVEL_SPAN_DBM[0]) / 10.0)
    return np.column_stack([np.ones(len(level)), weakness, noise, crowd])


def _irls(design: Floats, y: Floats, exposure: Floats, steps: int = 100) -> tuple[Floats, Floats]:
    """Poisson regression with a ridge on everything but the intercept; coefficients and information."""
    penalty = RIDGE * np.diag([0.0, *np.ones(design.shape[1] - 1)])
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(y.sum() / exposure.sum())
    for _ in range(steps):
        mean = exposure * np.exp(np.clip(design @ beta, -30, 30))
        information = design.T @ (design * mean[:, None]) + penalty
        move = np.linalg.solve(information, design.T @ (y - mean) - penalty @ beta)
        beta = beta + np.clip(move, -2, 2)
        if np.abs(move).max() < 1e-9:
            break
    return beta, information
