"""Where complaints are: sources of candidates, a searcher over them, weights over hexes."""

from geoservice.locate.crowding import LEAST_NAMES, names_at_point, point_keys, points_of_keys, rank_of
from geoservice.locate.datum_check import DatumSuspicion, datum_suspicion
from geoservice.locate.locator import Locator
from geoservice.locate.online_settings import OnlineSettings, online_settings
from geoservice.locate.weights import context_only, hex_weights

__all__ = [
    "LEAST_NAMES",
    "DatumSuspicion",
    "Locator",
    "OnlineSettings",
    "context_only",
    "datum_suspicion",
    "hex_weights",
    "names_at_point",
    "online_settings",
    "point_keys",
    "points_of_keys",
    "rank_of",
]
