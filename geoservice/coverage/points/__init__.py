"""Levels of single points for given cells: fit on measured points, predict other cells.

``calibrate(cells, points) → PointModel`` and ``predict_points(cells, points, model) → DataFrame``;
files in and out by :func:`read_frame`, :func:`write_frame`. Physics first (:mod:`.geometry`), then a
correction fitted to measurements, then boosted trees on physical features (:mod:`.features`) and on
what other cells were measured to have at the same place (:mod:`.neighbourhood`); a richer stage is
kept only if it predicts *cells it has not seen* better.
"""

from geoservice.coverage.points.crossval import validate
from geoservice.coverage.points.frames import read_frame, write_frame
from geoservice.coverage.points.learning import calibrate
from geoservice.coverage.points.model import PointModel
from geoservice.coverage.points.predict import predict_points

__all__ = ["PointModel", "calibrate", "predict_points", "read_frame", "validate", "write_frame"]
