"""Corrections by environment and band: fitted from measurements, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError, NotEnoughData
from geoservice.radio.calibration import Correction, calibrate

# Carrier bands that propagate alike, MHz.
BANDS_MHZ = np.array([450, 700, 800, 900, 1500, 1800, 2100, 2300, 2600, 3500, 4900, 28000])
Group = tuple[str, int]


@dataclass(frozen=True)
class Calibration:
    """Corrections by (environment, band in MHz) and, for groups refused, the reason."""

    corrections: Mapping[Group, Correction]
    refused: Mapping[Group, str]

    def correction(self, environment: str, band: int) -> Correction | None:
        """The correction of a group, None where it was refused or never measured."""
        return self.corrections.get((environment, band))

    def to_json(self) -> str:
        """Readable form for the store; :meth:`from_json` reads it back."""
        kept = [{"environment": e, "band_mhz": b, **asdict(c)} for (e, b), c in self.corrections.items()]
        refused = [{"environment": e, "band_mhz": b, "reason": why} for (e, b), why in self.refused.items()]
        return json.dumps({"corrections": kept, "refused": refused})

    @staticmethod
    def from_json(text: str) -> Calibration:
        """A calibration written by :meth:`to_json`."""
        try:
            raw = json.loads(text)
            kept = {_group(row): _correction(row) for row in raw["corrections"]}
            refused = {_group(row): str(row["reason"]) for row in raw["refused"]}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"not a calibration ({type(error).__name__}); write a new one", field="calibration"
            ) from error
        return Calibration(MappingProxyType(kept), MappingProxyType(refused))


NO_CALIBRATION = Calibration(MappingProxyType({}), MappingProxyType({}))


def band_mhz(frequency_mhz: ArrayLike) -> NDArray[np.int64]:
    """Nearest carrier band (by ratio) of each frequency.

    >>> band_mhz([1845.0, 2565.0]).tolist()
    [1800, 2600]
    """
    ratio = np.abs(np.log(np.asarray(frequency_mhz, float)[..., None] / BANDS_MHZ))
    return np.asarray(BANDS_MHZ[np.argmin(ratio, axis=-1)], np.int64)


def fit(pairs: pd.DataFrame, trimmed: bool = False) -> Calibration:
    """Calibrate every group of environment and band.

    Parameters
    ----------
    pairs : columns environment, band_mhz, hex, residual_db (median measured − predicted), distance_m.
    trimmed : as for :func:`geoservice.radio.calibration.calibrate`.
    """
    kept: dict[Group, Correction] = {}
    refused: dict[Group, str] = {}
    for (environment, band), part in pairs.groupby(["environment", "band_mhz"], sort=True):
        group = (str(environment), int(str(band)))
        try:
            kept[group] = calibrate(part["residual_db"], part["distance_m"], part["hex"], trimmed=trimmed)
        except NotEnoughData as reason:
            refused[group] = reason.message
    return Calibration(MappingProxyType(kept), MappingProxyType(refused))


def _group(row: dict[str, object]) -> Group:
    return str(row["environment"]), int(str(row["band_mhz"]))


def _correction(row: dict[str, float]) -> Correction:
    return Correction(
        offset_db=float(row["offset_db"]),
        slope_db=float(row["slope_db"]),
        reference_m=float(row["reference_m"]),
        sigma_db=float(row["sigma_db"]),
        before_db=float(row["before_db"]),
        after_db=float(row["after_db"]),
        pairs=int(row["pairs"]),
        hexes=int(row["hexes"]),
    )
