"""The radio prediction on the hexes of a run."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from geoservice import grid
from geoservice.config import Config
from geoservice.pipeline import RadioWorld
from geoservice.service.run_view import RunView
from geoservice.store import Store


def radio_of_run(
    store: Store, config: Config, as_of: datetime, view: RunView, standard: RadioWorld | None
) -> RadioWorld | None:
    """The prediction a what-if of this run needs; None without cells.

    Measurements are gathered per hex: a hole that phones saw exists only on hexes of the size they were
    gathered on, so a run on other hexes than the look-ups' (``standard``) has a prediction of its own.
    """
    hexes = view.coverage["hex"].to_numpy(np.int64)[:1]
    if standard is None or not len(hexes):
        return standard
    resolution = int(grid.resolutions(hexes)[0])
    if resolution == standard.resolution:
        return standard
    state = store.changed("cells", "measurements")
    kept: tuple[str, RadioWorld] | None = view.kept.get("radio")
    if kept is None or kept[0] != state:
        world = RadioWorld.build(store.read("cells"), store.read("measurements"), config, as_of, resolution)
        kept = (state, world)
        view.kept["radio"] = kept
    return kept[1]
