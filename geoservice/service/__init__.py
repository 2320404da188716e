"""Use cases for the command line and the API."""

from geoservice.pipeline import AnalyseOptions
from geoservice.service.feature_collections import COLLECTIONS, Collection, Property
from geoservice.service.features import FeaturePage, FeatureQuery
from geoservice.service.hex_view import MAX_HEXES, MEASURES, MIN_CUSTOMERS, UNITS, Window
from geoservice.service.periods import Period
from geoservice.service.service import Service, open_service, window_of
from geoservice.service.versions import version_of
from geoservice.store import Run

__all__ = [
    "COLLECTIONS",
    "MAX_HEXES",
    "MEASURES",
    "MIN_CUSTOMERS",
    "UNITS",
    "AnalyseOptions",
    "Collection",
    "FeaturePage",
    "FeatureQuery",
    "Period",
    "Property",
    "Run",
    "Service",
    "Window",
    "open_service",
    "version_of",
    "window_of",
]
