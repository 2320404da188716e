"""Mean path loss of a place by model name: loss, spread and validity in one frozen result.

On a map no one knows whether a hex is in sight of the mast, so the mean mixes both cases by the
line-of-sight probability (handbook section 5, "Map use"), and the spread carries the mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError
from geoservice.radio import hata, tr38901

Floats = NDArray[np.float64]
Model = Literal["uma", "umi", "rma"]
MOBILE_M = 1.5


@dataclass(frozen=True)
class PathLoss:
    """Loss of two conditions and their mixture, all in dB, shapes as broadcast.

    ``valid`` is False where an input lies outside the range the model was made for.
    """

    los_db: Floats
    nlos_db: Floats
    los_probability: Floats
    los_sigma_db: Floats
    nlos_sigma_db: Floats
    valid: NDArray[np.bool_]

    @property
    def mean_db(self) -> Floats:
        """P_LOS·PL_LOS + (1 − P_LOS)·PL_NLOS."""
        return np.asarray(self.los_probability * self.los_db + (1 - self.los_probability) * self.nlos_db)

    @property
    def sigma_db(self) -> Floats:
        """Standard deviation of the mixture: spread within the conditions and between them."""
        share = self.los_probability
        within = share * self.los_sigma_db**2 + (1 - share) * self.nlos_sigma_db**2
        between = share * (1 - share) * (self.nlos_db - self.los_db) ** 2
        return np.asarray(np.sqrt(within + between))


def path_loss(
    model: Model,
    frequency_mhz: ArrayLike,
    distance_m: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike = MOBILE_M,
) -> PathLoss:
    """Path loss after TR 38.901 of one scenario for arrays that broadcast together.

    Raises
    ------
    InputError
        The model is unknown.
    """
    if model not in _SCENARIOS:
        raise InputError(f"model {model!r} is not one of {', '.join(_SCENARIOS)}", field="model")
    frequency, distance, base, mobile = np.broadcast_arrays(
        *(np.asarray(v, float) for v in (frequency_mhz, distance_m, base_m, mobile_m))
    )
    scenario = _SCENARIOS[model]
    ghz = frequency / 1000
    return PathLoss(
        los_db=scenario.los(ghz, distance, base, mobile),
        nlos_db=scenario.nlos(ghz, distance, base, mobile),
        los_probability=scenario.sight(distance, mobile),
        los_sigma_db=los_sigma_db(model, frequency, distance, base, mobile),
        nlos_sigma_db=np.full(distance.shape, tr38901.NLOS_SIGMA_DB[model]),
        valid=scenario.valid(ghz, distance, base, mobile),
    )


def outside_range(
    model: Model, frequency_mhz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike
) -> NDArray[np.object_]:
    """Which inputs lie outside the model's range: ``frequency``, ``distance``, ``height``, joined by ``|``.

    Returns
    -------
    Object array of the broadcast shape; ``None`` where all are inside. The ranges are those of
    :func:`path_loss`'s ``valid`` for a mobile at 1.5 m (TR 38.901 table 7.4.1-1, RMa without sight).

    >>> outside_range("uma", 2600.0, [500.0, 9000.0], [25.0, 40.0]).tolist()
    [None, 'distance|height']
    """
    frequency, distance, base = np.broadcast_arrays(
        *(np.asarray(v, float) for v in (frequency_mhz, distance_m, base_m))
    )
    valid = _SCENARIOS[model].valid
    # Each input is judged with the others put where every model holds.
    middle = _MIDDLE_BASE_M[model]
    faults = (
        ~valid(frequency / 1000, 1000.0, middle, MOBILE_M),
        ~valid(1.0, distance, middle, MOBILE_M),
        ~valid(1.0, 1000.0, base, MOBILE_M),
    )
    code = sum(fault.astype(np.int64) << bit for bit, fault in enumerate(faults))
    names = ("frequency", "distance", "height")
    words = ["|".join(name for bit, name in enumerate(names) if value >> bit & 1) or None for value in range(8)]
    return np.array(words, dtype=object)[code]


def los_sigma_db(
    model: Model, frequency_mhz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike
) -> Floats:
    """Shadowing spread in sight: 4 dB; in RMa 6 dB past the breakpoint (table 7.4.1-1)."""
    distance = np.asarray(distance_m, float)
    near = tr38901.LOS_SIGMA_DB[model]
    if model != "rma":
        return np.full(distance.shape, near)
    turn = tr38901.rma_breakpoint_m(np.asarray(frequency_mhz, float) / 1000, base_m, mobile_m)
    return np.asarray(np.where(distance <= turn, near, tr38901.RMA_LOS_SIGMA_BEYOND_DB))


def hata_db(
    frequency_mhz: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    distance_km: ArrayLike,
    area: hata.HataArea = "urban",
    large_city: bool = False,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Okumura-Hata up to 1500 MHz and COST-231 above, with the flag of the one that was used."""
    low = np.asarray(frequency_mhz, float) <= 1500
    okumura = hata.okumura_hata_db(frequency_mhz, base_m, mobile_m, distance_km, area, large_city)
    cost = hata.cost231_db(frequency_mhz, base_m, mobile_m, distance_km, 0.0, large_city)
    cost = cost + hata.area_correction_db(frequency_mhz, area)
    flags = np.where(
        low,
        hata.okumura_hata_valid(frequency_mhz, base_m, mobile_m, distance_km),
        hata.cost231_valid(frequency_mhz, base_m, mobile_m, distance_km),
    )
    return np.asarray(np.where(low, okumura, cost)), np.asarray(flags, bool)


@dataclass(frozen=True, slots=True)
class _Scenario:
    los: Callable[..., Floats]
    nlos: Callable[..., Floats]
    sight: Callable[[Floats, Floats], Floats]
    valid: Callable[..., NDArray[np.bool_]]


MODELS: tuple[Model, ...] = ("uma", "umi", "rma")
# A height inside each model's range.
_MIDDLE_BASE_M = {"uma": 25.0, "umi": 10.0, "rma": 35.0}

_SCENARIOS: MappingProxyType[str, _Scenario] = MappingProxyType(
    {
        "uma": _Scenario(tr38901.uma_los_db, tr38901.uma_nlos_db, tr38901.uma_los_probability, tr38901.uma_valid),
        "umi": _Scenario(
            tr38901.umi_los_db,
            tr38901.umi_nlos_db,
            lambda distance, _mobile: tr38901.umi_los_probability(distance),
            tr38901.umi_valid,
        ),
        "rma": _Scenario(
            tr38901.rma_los_db,
            tr38901.rma_nlos_db,
            lambda distance, _mobile: tr38901.rma_los_probability(distance),
            tr38901.rma_valid,
        ),
    }
)
