"""Where complaints are: sources of candidates, a searcher over them, weights over hexes."""

from geoservice.locate.locator import Locator
from geoservice.locate.weights import context_only, hex_weights

__all__ = ["Locator", "context_only", "hex_weights"]
