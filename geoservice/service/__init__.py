"""Use cases for the command line and the API."""

from geoservice.export import ExportReport
from geoservice.parsing.masking import mask_text as masked
from geoservice.pipeline import AnalyseOptions
from geoservice.service.actor import Actor, acting, current
from geoservice.service.discreet_service import DiscreetService
from geoservice.service.feature_collections import COLLECTIONS, Collection, Property
from geoservice.service.features import FeaturePage, FeatureQuery
from geoservice.service.hex_view import MAX_HEXES, MEASURES, UNITS, HexQuestion, Window
from geoservice.service.periods import Period
from geoservice.service.roles import SCOPES, Role, Scope
from geoservice.service.service import Service, open_service, window_of
from geoservice.service.trying import SiteToTry
from geoservice.service.versions import version_of
from geoservice.store import Run
from geoservice.store.jobs import Job

__all__ = [
    "COLLECTIONS",
    "MAX_HEXES",
    "MEASURES",
    "SCOPES",
    "UNITS",
    "Actor",
    "AnalyseOptions",
    "Collection",
    "DiscreetService",
    "ExportReport",
    "FeaturePage",
    "FeatureQuery",
    "HexQuestion",
    "Job",
    "Period",
    "Property",
    "Role",
    "Run",
    "Scope",
    "Service",
    "SiteToTry",
    "Window",
    "acting",
    "current",
    "masked",
    "open_service",
    "version_of",
    "window_of",
]
