"""A city with known truth in the import formats, and the scoring of findings against it.

The radio world here is not the engine's (docs/decisions/0055), so that findings do not confirm
themselves; nothing in this room imports ``geoservice.radio`` or ``geoservice.coverage``.
"""

from __future__ import annotations

from geoservice.simulate.city import DEFAULT_SEED, CitySummary, write_city
from geoservice.simulate.score import Score, evaluate

__all__ = ["DEFAULT_SEED", "CitySummary", "Score", "evaluate", "write_city"]
