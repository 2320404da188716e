"""Predicted and measured signal of every place, and who serves it.

- :class:`Coverage`: the engine (levels, quality, overlap, overshoot, probability, serving, what-if).
- :func:`measured`, :func:`blend`: measurements by hex and cell, laid over the prediction.
- :func:`fit_calibration`: corrections by environment and band from measurements.
- :func:`holes_and_weak`, :func:`weak_cells`, :func:`weak_grids`: regions and MR rules.
- :func:`calibrate_points`, :func:`predict_points`: levels of single points for given cells.
"""

from geoservice.coverage.corrections import Calibration
from geoservice.coverage.engine import Coverage
from geoservice.coverage.fitting import fit_calibration
from geoservice.coverage.measured import blend, measured, weak_cells, weak_grids
from geoservice.coverage.regions import holes_and_weak

__all__ = [
    "Calibration",
    "Coverage",
    "blend",
    "fit_calibration",
    "holes_and_weak",
    "measured",
    "weak_cells",
    "weak_grids",
]
