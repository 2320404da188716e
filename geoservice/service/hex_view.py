"""What a map window shows: hexes of a fitting resolution with one measure each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.errors import InputError
from geoservice.service.periods import Period
from geoservice.service.run_view import RunView

Measure = Literal[
    "customers",
    "contacts",
    "rate",
    "excess",
    "significance",
    "rsrp",
    "rsrp_indoor",
    "sinr",
    "probability",
    "dominance",
    "basis",
    "best_server",
]
MEASURES: tuple[str, ...] = get_args(Measure)
# A view stays quick to draw and to read below about this many hexes.
MAX_HEXES = 3000
# Web map zoom to H3 resolution: a hex is then about 12–30 pixels wide.
_ZOOM_RESOLUTION = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10, 11, 11, 12)
_COVERAGE_COLUMNS = {
    "rsrp": "rsrp_dbm",
    "rsrp_indoor": "rsrp_indoor_dbm",
    "sinr": "sinr_db",
    "probability": "probability",
    "dominance": "dominance_db",
}
UNITS = {
    "customers": "customers",
    "contacts": "contacts",
    "rate": "× expected",
    "excess": "customers",
    "significance": "z",
    "rsrp": "dBm",
    "rsrp_indoor": "dBm",
    "sinr": "dB",
    "probability": "share",
    "dominance": "dB",
    "basis": "",
    "best_server": "",
}


# Hexes of one resolution with the latitudes and longitudes of their centres.
_Level = tuple[pd.DataFrame, np.ndarray, np.ndarray]
RowsAt = Callable[[int], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the world a map shows, degrees WGS-84."""

    south: float
    west: float
    north: float
    east: float

    def mask(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """True for the points inside."""
        return (lat >= self.south) & (lat <= self.north) & (lon >= self.west) & (lon <= self.east)


@dataclass(frozen=True, slots=True)
class HexQuestion:
    """What a map asks: a measure of complaints (of a class group, in a period) or of the network, in a window.

    ``zoom`` is that of web maps, 0–22; ``run_id`` None is the newest run, ``period`` None the whole run.
    """

    window: Window
    zoom: int = 12
    measure: str = "customers"
    class_group: str = "all"
    run_id: str | None = None
    period: Period | None = None


def hexes(view: RunView, asked: HexQuestion, least: float, zone: tzinfo = UTC) -> dict[str, Any]:
    """Hex ids and values for a window: ``{measure, unit, resolution, hexes, values, few}``.

    The resolution follows the zoom, never finer than the run's own, and grows coarser until at
    most :data:`MAX_HEXES` remain. ``few`` marks hexes with fewer than ``least`` customers, whose value is hidden.
    A ``period`` limits complaint measures to the time steps inside it; coverage is that of the run.
    """
    measure, class_group, period = asked.measure, asked.class_group, asked.period
    if measure not in MEASURES:
        raise InputError(f"unknown measure {measure!r}; use one of {', '.join(MEASURES)}", field="measure")
    is_coverage = measure in _COVERAGE_COLUMNS or measure in {"basis", "best_server"}
    frame = _coverage_rows(view, measure) if is_coverage else _rate_rows(view, class_group, period, zone)
    wanted = _ZOOM_RESOLUTION[max(0, min(asked.zoom, len(_ZOOM_RESOLUTION) - 1))]
    # A run does not change: its coarser hexes are computed once. Periods are many and keep their own rows.
    kept = None if period is not None else view.kept.setdefault(("hexes", measure if is_coverage else class_group), {})
    shown, resolution = _coarsen(frame, asked.window, wanted, measure, {} if kept is None else kept)
    values, few = _values(shown, measure, least)
    return {
        "measure": measure,
        "unit": UNITS[measure],
        "class_group": class_group,
        "resolution": resolution,
        "hexes": grid.hex_to_text(shown.index.to_numpy(np.int64)) if len(shown) else [],
        "values": values,
        "few": few,
    }


def told(rows_at: RowsAt, finest: int, asked: HexQuestion) -> dict[str, Any]:
    """The same from rows that are made for each resolution (index hex; customers, rate): what may be told to everyone.

    A hex that is not told is not there; none is marked as ``few``.
    """
    measure = asked.measure
    resolution = min(_ZOOM_RESOLUTION[max(0, min(asked.zoom, len(_ZOOM_RESOLUTION) - 1))], finest)
    while True:
        rows = rows_at(resolution)
        lat, lon = grid.hex_to_latlon(rows.index.to_numpy(np.int64))
        inside = rows[asked.window.mask(lat, lon)]
        if len(inside) <= MAX_HEXES or resolution == 0:
            shown = {"measure": measure, "unit": UNITS[measure], "class_group": "all"}
            return {**shown, **level(inside, resolution, measure)}
        resolution -= 1


def level(rows: pd.DataFrame, resolution: int, measure: str) -> dict[str, Any]:
    """Ids and values of told hexes of one resolution."""
    values = [None if not np.isfinite(value) else float(value) for value in rows[measure].to_numpy(float)]
    ids = grid.hex_to_text(rows.index.to_numpy(np.int64)) if len(rows) else []
    return {"resolution": resolution, "hexes": ids, "values": values, "few": [False] * len(values)}


def levels(view: RunView, least: float, measure: str = "customers", depth: int = 5) -> list[dict[str, Any]]:
    """The whole area at the run's resolution and the ``depth - 1`` coarser ones, finest first (for exported maps)."""
    rows = _rate_rows(view, "all")
    found = []
    for step in range(depth):
        if rows.empty:
            break
        finest = int(grid.resolutions(rows["hex"].to_numpy(np.int64)[:1])[0])
        if finest - step < 0:
            break
        shown = rows.set_index("hex") if step == 0 else _aggregate(rows, finest - step, measure)
        shown = shown[shown["customers"] > 0]
        values, few = _values(shown, measure, least)
        ids = grid.hex_to_text(shown.index.to_numpy(np.int64)) if len(shown) else []
        found.append({"resolution": finest - step, "hexes": ids, "values": values, "few": few})
    return found


def _rate_rows(view: RunView, class_group: str, period: Period | None = None, zone: tzinfo = UTC) -> pd.DataFrame:
    rows = view.kept.get(("rates", class_group))
    if rows is None:
        rates = view.hex_rates
        rows = rates[rates["class_group"] == class_group][["hex", "customers", "contacts", "expected", "rate", "gi_z"]]
        view.kept["rates", class_group] = rows
    if period is not None and len(rows):
        return view.periods(zone).rates(period, class_group, rows)
    return rows


def is_of_complaints(measure: str) -> bool:
    """Whether a measure counts complaints, and does not describe the network."""
    return measure in MEASURES and measure not in _COVERAGE_COLUMNS and measure not in {"basis", "best_server"}


def _coverage_rows(view: RunView, measure: str) -> pd.DataFrame:
    column = _COVERAGE_COLUMNS.get(measure, {"basis": "basis", "best_server": "best_cgi"}.get(measure, ""))
    rows = view.coverage[["hex", column]].rename(columns={column: "value"})
    return rows.dropna()


def _coarsen(
    frame: pd.DataFrame, window: Window, wanted: int, measure: str, kept: dict[int, _Level]
) -> tuple[pd.DataFrame, int]:
    if frame.empty:
        return frame.set_index("hex"), wanted
    finest = int(grid.resolutions(frame["hex"].to_numpy(np.int64)[:1])[0])
    for resolution in range(min(wanted, finest), -1, -1):
        if resolution not in kept:
            grouped = frame.set_index("hex") if resolution == finest else _aggregate(frame, resolution, measure)
            kept[resolution] = (grouped, *grid.hex_to_latlon(grouped.index.to_numpy(np.int64)))
        grouped, lat, lon = kept[resolution]
        inside = grouped[window.mask(lat, lon)]
        if len(inside) <= MAX_HEXES or resolution == 0:
            return inside, resolution
    raise AssertionError("unreachable: resolution 0 always fits")


def _aggregate(frame: pd.DataFrame, resolution: int, measure: str) -> pd.DataFrame:
    parent = grid.parents(frame["hex"].to_numpy(np.int64), resolution)
    grouped = frame.drop(columns="hex").groupby(parent)
    if "value" not in frame.columns:
        summed = grouped[["customers", "contacts", "expected"]].sum()
        # Stouffer's combination keeps a coarser hex's z on the scale of the finer ones.
        size = grouped.size()
        return summed.assign(rate=summed["customers"] / summed["expected"], gi_z=grouped["gi_z"].sum() / np.sqrt(size))
    if measure in {"basis", "best_server"}:
        return grouped["value"].agg(lambda values: values.mode().iloc[0]).to_frame()
    return grouped["value"].median().to_frame()


def is_few(customers: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Where somebody complained, but so few that one could be recognised (handbook section 9, item 16)."""
    return np.asarray((customers > 0) & (customers < least - 0.5))


def _values(shown: pd.DataFrame, measure: str, least: float) -> tuple[list[Any], list[bool]]:
    if shown.empty:
        return [], []
    if "value" in shown.columns:
        values = shown["value"].tolist()
        return [round(v, 2) if isinstance(v, float) else v for v in values], [False] * len(values)
    customers = shown["customers"].to_numpy(float)
    few = is_few(customers, least)
    numbers = {
        "customers": customers,
        "contacts": shown["contacts"].to_numpy(float),
        "rate": shown["rate"].to_numpy(float),
        "excess": customers - shown["expected"].to_numpy(float),
        "significance": shown["gi_z"].to_numpy(float),
    }[measure]
    counts = measure in {"customers", "contacts"}
    # One or two customers make no rate either: a single call would be painted as a crisis.
    hidden = few if counts or measure in {"excess", "rate"} else np.zeros(few.size, bool)
    if counts:
        # Nothing happened here: not a class of its own, simply no hex.
        hidden = hidden | (customers == 0)
    rounded = np.round(numbers, 2)
    return [
        None if gone or not np.isfinite(v) else float(v) for v, gone in zip(rounded, hidden, strict=True)
    ], few.tolist()
