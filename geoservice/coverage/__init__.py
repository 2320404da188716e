"""Predicted and measured signal of every place, and who serves it.

- :class:`Coverage`: the engine (levels, quality, overlap, overshoot, probability, serving, what-if).
- :func:`measured`, :func:`blend`: measurements by hex and cell, laid over the prediction.
- :func:`fit_calibration`, :func:`fit_link_law`: corrections by environment and band from measurements.
- :func:`holes_and_weak`, :func:`weak_cells`, :func:`weak_grids`: regions and MR rules.
- :func:`calibrate`, :func:`predict_points`, :class:`PointModel`: levels of single points of given
  cells, as in a radio-planning tool (:mod:`geoservice.coverage.points`).

Importing this package is cheap: numba, scipy and scikit-learn are imported where they are used.
"""

from geoservice.coverage.admissible import last_change
from geoservice.coverage.corrections import Calibration
from geoservice.coverage.engine import Coverage
from geoservice.coverage.fitting import fit_calibration, fit_link_law
from geoservice.coverage.measured import blend, measured, weak_cells, weak_grids
from geoservice.coverage.points import PointModel, calibrate, predict_points
from geoservice.coverage.regions import holes_and_weak

__all__ = [
    "Calibration",
    "Coverage",
    "PointModel",
    "blend",
    "calibrate",
    "fit_calibration",
    "fit_link_law",
    "holes_and_weak",
    "last_change",
    "measured",
    "predict_points",
    "weak_cells",
    "weak_grids",
]
