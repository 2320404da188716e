"""Probability that the level exceeds a threshold under log-normal shadowing.

Source: W. C. Jakes (ed.), Microwave Mobile Communications (1974), section 2.5.3 (edge and area
reliability); the mixture over line of sight follows handbook section 5, "Map use".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def exceedance(threshold_dbm: ArrayLike, mean_dbm: ArrayLike, sigma_db: ArrayLike) -> Floats:
    """P(RSRP > T) = Q((T − μ)/σ) at one place; σ = 0 gives 0 or 1.

    >>> float(exceedance(-110, -105, 8).round(3))
    0.734
    """
    from scipy.special import ndtr

    gap = np.asarray(mean_dbm, float) - np.asarray(threshold_dbm, float)
    sigma = np.asarray(sigma_db, float)
    certain = sigma <= 0
    z = gap / np.where(certain, 1.0, sigma)
    return np.asarray(np.where(certain, np.where(np.isnan(gap), np.nan, (gap > 0).astype(float)), ndtr(z)))


def mixture_exceedance(
    threshold_dbm: ArrayLike,
    los_probability: ArrayLike,
    los_dbm: ArrayLike,
    los_sigma_db: ArrayLike,
    nlos_dbm: ArrayLike,
    nlos_sigma_db: ArrayLike,
) -> Floats:
    """P(RSRP > T) where the place is in sight with a probability: the mixture of the two Gaussians."""
    share = np.asarray(los_probability, float)
    seen = exceedance(threshold_dbm, los_dbm, los_sigma_db)
    hidden = exceedance(threshold_dbm, nlos_dbm, nlos_sigma_db)
    return np.asarray(share * seen + (1 - share) * hidden)


def total_sigma_db(*sigmas_db: ArrayLike) -> Floats:
    """Independent spreads added as σ² = σ_SF² + σ_O2I² + …

    >>> float(total_sigma_db(6, 4.4).round(2))
    7.44
    """
    total = np.zeros(())
    for sigma in sigmas_db:
        total = total + np.asarray(sigma, float) ** 2
    return np.asarray(np.sqrt(total))


def margin_db(probability: ArrayLike, sigma_db: ArrayLike) -> Floats:
    """Fade margin that holds an edge probability, σ·Φ⁻¹(p).

    >>> float(margin_db(0.95, 8).round(2))
    13.16
    """
    from scipy.special import ndtri

    return np.asarray(np.asarray(sigma_db, float) * ndtri(np.asarray(probability, float)))


def area_probability(margin: ArrayLike, sigma_db: ArrayLike, exponent: ArrayLike) -> Floats:
    """Share of a circular cell above the threshold (Jakes, eq. 2.5-15).

    ``a = −M/(σ√2)``, ``b = 10 n log(e)/(σ√2)``,
    ``F = ½ [1 − erf a + e^((1 − 2ab)/b²)(1 − erf((1 − ab)/b))]``.

    Parameters
    ----------
    margin : margin M at the cell edge, dB.
    sigma_db : shadowing spread, dB.
    exponent : path-loss exponent n.
    """
    from scipy.special import erf, erfcx

    spread = np.asarray(sigma_db, float) * np.sqrt(2)
    a = -np.asarray(margin, float) / spread
    b = 10 * np.asarray(exponent, float) * np.log10(np.e) / spread
    # e^((1−2ab)/b²)·erfc(z) with z = (1−ab)/b equals e^(−a²)·erfcx(z); this form does not overflow.
    tail = np.exp(-(a**2)) * erfcx((1 - a * b) / b)
    return np.asarray(0.5 * (1 - erf(a) + tail))
