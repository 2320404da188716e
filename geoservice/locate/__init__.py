"""Where complaints are: sources of candidates, a searcher over them, weights over hexes."""

from geoservice.locate.datum_check import DatumSuspicion, datum_suspicion
from geoservice.locate.locator import Locator
from geoservice.locate.online import OnlineSettings
from geoservice.locate.weights import context_only, hex_weights

__all__ = ["DatumSuspicion", "Locator", "OnlineSettings", "context_only", "datum_suspicion", "hex_weights"]
