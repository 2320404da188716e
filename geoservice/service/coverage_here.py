"""Coverage and serving cells of a point: from the run where it predicted them, else computed now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geoservice import grid
from geoservice.config import Config
from geoservice.pipeline import RadioWorld
from geoservice.service import radio_answers
from geoservice.service.memory import Memory
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView

Row = dict[str, Any]
Answer = tuple[Row | None, list[Row]]
_SERVING = ("cgi", "probability", "rsrp_dbm", "distance_m", "basis")
_MOST_CELLS = 6


@dataclass(frozen=True, slots=True)
class Prediction:
    """The radio prediction over the cells on file, and the state of the tables it stands on.

    ``world`` is only called where the run has nothing: building it takes seconds in a large network, and look-ups
    need not wait for that.
    """

    state: str
    world: Callable[[], RadioWorld | None]


def coverage_at(
    memory: Memory, config: Config, view: RunView | None, radio: Prediction, lat: float, lon: float
) -> Answer:
    """Coverage answer (None: nothing predicted) and serving cells, likeliest first; kept hex by hex."""
    resolution = None if view is None else view.coverage_resolution
    if view is not None and resolution is not None:
        hex_ = grid.hex_at(lat, lon, resolution)
        # Those who are not told of single customers have a view of their own; neither is answered from the other.
        found = memory.answer("coverage", view.run.run_id, (type(view), hex_), lambda: _of_run(view, config, hex_))
        if found is not None:
            return found
    world = radio.world()
    if world is None:
        return None, []
    here = grid.hex_at(lat, lon, world.resolution)
    return memory.answer("coverage now", radio.state, here, lambda: _of_world(world, config, lat, lon))


def _of_run(view: RunView, config: Config, hex_: int) -> Answer | None:
    row = view.coverage_of(hex_)
    return None if row is None else _answer(row, view.serving_of(hex_), config)


def _of_world(world: RadioWorld, config: Config, lat: float, lon: float) -> Answer:
    row, serving = world.at(lat, lon)
    cells = [{str(name): value for name, value in cell.items()} for cell in serving.to_dict("records")]
    return _answer({str(name): value for name, value in row.items()}, cells, config)


def _answer(row: Row, serving: list[Row], config: Config) -> Answer:
    if plain(row["rsrp_dbm"]) is None:
        return None, []
    cells = [{name: plain(cell[name], 3) for name in _SERVING} for cell in serving[:_MOST_CELLS]]
    return radio_answers.coverage_answer(row, config), cells
