"""Who gains and who loses by a change (the one definition of :mod:`geoservice.radio.benefit`)."""

from __future__ import annotations

from geoservice.radio.benefit import Effect, effect, well_served

__all__ = ["Effect", "effect", "well_served"]
