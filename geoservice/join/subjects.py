"""What evidence is gathered about: hotspots, or one place someone asks about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.join.plane import distance_m, weighted_quantile

PLACE_PREFIX = "place:"


def place_subject(
    lat_deg: float, lon_deg: float, radius_m: float, start: datetime, end: datetime, resolution: int
) -> pd.DataFrame:
    """One place as a subject: the hexes within its radius, weighted by a Gaussian that holds 90 % inside.

    Parameters
    ----------
    lat_deg, lon_deg : WGS-84 degrees.
    radius_m : radius that holds the truth with about 90 %.
    start, end : span in which complaints and network events count (aware).
    resolution : H3 resolution of the coverage table.

    Returns
    -------
    DataFrame with one row and the columns of ``hotspots`` the join reads.
    """
    centre = grid.to_hex(lat_deg, lon_deg, resolution)
    steps = min(int(np.ceil(radius_m / (1.5 * grid.MEAN_EDGE_M[resolution]))), 12)
    hexes = grid.disk(centre, steps)
    distance = distance_m(*grid.hex_to_latlon(hexes), lat_deg, lon_deg)
    sigma = max(radius_m / 2.146, grid.MEAN_EDGE_M[resolution] / 3)  # Rayleigh: 90 % within 2.146 sigma
    weight = np.exp(-0.5 * (distance / sigma) ** 2)
    weight[hexes == centre[0]] = max(float(weight.max()), 1.0)
    weight /= weight.sum()
    return pd.DataFrame(
        {
            "hotspot_id": [f"{PLACE_PREFIX}{lat_deg:.5f},{lon_deg:.5f}"],
            "lat": [lat_deg],
            "lon": [lon_deg],
            "hexes": [list(zip(grid.hex_to_text(hexes), weight.tolist(), strict=True))],
            "radius_m": [float(radius_m)],
            "from": pd.to_datetime([start], utc=True),
            "to": pd.to_datetime([end], utc=True),
        }
    )


def is_place(subjects: pd.DataFrame) -> np.ndarray:
    """True for subjects made by :func:`place_subject`."""
    return subjects["hotspot_id"].astype(str).str.startswith(PLACE_PREFIX).to_numpy(bool)


def subject_hexes(subjects: pd.DataFrame) -> pd.DataFrame:
    """Long table ``subject`` (row position), ``hex``, ``weight`` (sums to 1 over a subject)."""
    parts = [_weights_of(position, pairs) for position, pairs in enumerate(subjects["hexes"])]
    if not parts:
        return pd.DataFrame({"subject": pd.Series(dtype="int64"), "hex": pd.Series(dtype="int64"), "weight": []})
    return pd.concat(parts, ignore_index=True)


def _weights_of(position: int, pairs: Sequence[Sequence[object]]) -> pd.DataFrame:
    texts = [str(pair[0]) for pair in pairs]
    weight = np.array([float(str(pair[1])) for pair in pairs], float)
    weight = np.where(np.isfinite(weight) & (weight > 0), weight, 0.0)
    if weight.sum() <= 0:
        weight = np.ones(len(texts))
    return pd.DataFrame({"subject": position, "hex": grid.text_to_hex(texts), "weight": weight / weight.sum()})


def at_resolution(hexes: pd.DataFrame, table_hexes: np.ndarray) -> pd.DataFrame:
    """``hexes`` restated at the resolution of another table's hexes, weights kept."""
    if not len(hexes) or not len(table_hexes):
        return hexes
    wanted, have = int(grid.resolutions(table_hexes[:1])[0]), int(grid.resolutions(hexes["hex"].to_numpy()[:1])[0])
    if wanted == have:
        return hexes
    if wanted < have:
        coarser = hexes.assign(hex=grid.parents(hexes["hex"].to_numpy(), wanted))
        return coarser.groupby(["subject", "hex"], as_index=False).agg(weight=("weight", "sum"))
    children = pd.DataFrame({"child": table_hexes, "hex": grid.parents(table_hexes, have)})
    spread = hexes.merge(children, on="hex")
    spread["weight"] /= spread.groupby(["subject", "hex"])["child"].transform("size")
    return spread.drop(columns="hex").rename(columns={"child": "hex"})[["subject", "hex", "weight"]]


def geometry(subjects: pd.DataFrame, hexes: pd.DataFrame) -> pd.DataFrame:
    """Per subject: ``radius_m``, the radius that holds 90 % of its weight (at least one hex edge)."""
    given = subjects["radius_m"].to_numpy(float) if "radius_m" in subjects else np.full(len(subjects), np.nan)
    radii = np.array([_radius(subjects.iloc[i], part) for i, part in _by_subject(hexes, len(subjects))])
    return pd.DataFrame({"radius_m": np.where(np.isfinite(given), given, radii)})


def _by_subject(frame: pd.DataFrame, count: int) -> list[tuple[int, pd.DataFrame]]:
    groups = dict(iter(frame.groupby("subject")))
    return [(i, groups.get(i, frame.iloc[:0])) for i in range(count)]


def _radius(subject: pd.Series, part: pd.DataFrame) -> float:
    if not len(part):
        return 0.0
    hexes = part["hex"].to_numpy()
    distance = distance_m(*grid.hex_to_latlon(hexes), float(subject["lat"]), float(subject["lon"]))
    edge = grid.MEAN_EDGE_M[int(grid.resolutions(hexes[:1])[0])]
    return weighted_quantile(distance, part["weight"], 0.9) + edge
