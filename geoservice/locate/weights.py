"""Fixes become weights over hexes: each complaint one unit, spread as its location is uncertain.

The position of a fix is an isotropic Gaussian whose 90 % circle is ``radius_m`` (decision 0028),
normalised over the hexes within two steps (the precision table keeps the radius below a hex edge, so they hold
over 98 % of it). A hex receives the Gaussian's mass times its exposure where known; a fix small against the hex
goes whole into the hex it lies in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.geodesy import bearing_deg, distance_m
from geoservice.locate.disc import DISC_PER_SPACING, gaussian_in_disc
from geoservice.locate.precision import allowed_resolution
from geoservice.tables import FIXES, WEIGHTS, check, conform, empty

if TYPE_CHECKING:
    import shapely

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# P(r < R) = 1 − exp(−R² / 2σ²): the 90 % radius is 2.146 σ.
R90_SIGMAS = float(np.sqrt(2 * np.log(10)))
# A fix goes into one hex when its 90 % circle is at most this share of the hex's mean edge.
SINGLE_HEX_EDGES = 0.25
_CHUNK = 50_000  # fixes spread at a time; bounds memory to some 100 MB
_ONE_RING_EDGES = 0.5  # up to this radius over the edge the hex and its six neighbours hold 99.9 %
_LEAST_SHARE = 0.002  # smaller shares are dropped before normalising
_UNKNOWN_EXPOSURE = 0.05  # a hex without exposure counts this share of the mean around it: registers are never whole

Shares = tuple[Ints, Ints, Floats]
Polygons = Mapping[str, "shapely.Geometry"]


def context_only(fixes: pd.DataFrame, resolution: int) -> pd.DataFrame:
    """The fixes too coarse for ``resolution``: they are context, never a hotspot."""
    grid.check_resolution(resolution)
    return fixes[~_usable(fixes, resolution)]


def hex_weights(
    fixes: pd.DataFrame,
    resolution: int,
    exposure: pd.DataFrame | None = None,
    polygons: Polygons | None = None,
) -> pd.DataFrame:
    """Weights of complaints over hexes (table ``weights``), summing to 1 for each complaint in it.

    Parameters
    ----------
    fixes : table ``fixes``; all candidates of a complaint share its weight by their probability.
    resolution : H3 resolution. Fixes whose radius is beyond the precision table are left out
        (:func:`context_only` lists them); a complaint all of whose candidates are left out has no rows.
    exposure : table ``exposure`` or None; customers per hex multiply the spread inside each fix.
    polygons : shapely geometry (lon, lat) of an area by fix ``label``; the fix is then uniform over it.

    Raises
    ------
    TableError, InputError
        ``fixes`` breaks its declaration, or the resolution is not one.
    """
    check(fixes, FIXES)
    grid.check_resolution(resolution)
    used = fixes[_usable(fixes, resolution)].reset_index(drop=True)
    codes, complaint_ids = pd.factorize(used["complaint_id"])
    rows, hexes, share = _spread(used, resolution, polygons or {})
    share = _by_exposure(rows, hexes, share, resolution, exposure)
    share *= used["probability"].to_numpy(float)[rows]
    return _collect(codes[rows].astype(np.int64), hexes, share, pd.Index(complaint_ids))


def _usable(fixes: pd.DataFrame, resolution: int) -> NDArray[np.bool_]:
    finest = allowed_resolution(fixes["radius_m"], fixes["precision"])
    placed = grid.valid_coordinates(fixes["lat"], fixes["lon"])
    return np.asarray((finest >= resolution) & placed & (fixes["probability"].to_numpy(float) > 0))


def _spread(fixes: pd.DataFrame, resolution: int, polygons: Polygons) -> Shares:
    """(row of fix, hex, share) with shares summing to 1 for each fix."""
    lat, lon = fixes["lat"].to_numpy(float), fixes["lon"].to_numpy(float)
    radius = fixes["radius_m"].to_numpy(float)
    home = grid.to_hex(lat, lon, resolution) if len(fixes) else np.empty(0, np.int64)
    in_area = fixes["label"].isin(list(polygons)).to_numpy() if polygons else np.zeros(len(fixes), bool)
    small = (radius <= SINGLE_HEX_EDGES * grid.MEAN_EDGE_M[resolution]) & ~in_area
    single = np.flatnonzero(small)
    parts = [(single, home[single], np.ones(len(single)))]
    parts += _spread_gaussians(fixes, np.flatnonzero(~small & ~in_area), home, resolution)
    parts += _spread_areas(np.flatnonzero(in_area), fixes["label"], polygons, home, resolution)
    rows, hexes, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, hexes, share


def _spread_gaussians(fixes: pd.DataFrame, rows: Ints, home: Ints, resolution: int) -> Iterator[Shares]:
    """A ring around the hex is enough for small radii; up to a hex edge it takes two."""
    radius = fixes["radius_m"].to_numpy(float)[rows]
    wide = radius > _ONE_RING_EDGES * grid.MEAN_EDGE_M[resolution]
    for rings, members in ((1, rows[~wide]), (2, rows[wide])):
        for start in range(0, len(members), _CHUNK):
            yield _gaussian_chunk(fixes, members[start : start + _CHUNK], home, rings)


def _gaussian_chunk(fixes: pd.DataFrame, rows: Ints, home: Ints, rings: int) -> Shares:
    distinct, where = np.unique(home[rows], return_inverse=True)
    table = grid.disk_table(distinct, rings)
    east, north = _centres_around(distinct, table)
    # H3 hexes of one place differ little in size: the mean step to the six neighbours stands for all.
    disc_m = DISC_PER_SPACING * np.hypot(east[:, 1:7], north[:, 1:7]).mean(axis=1)
    lat0, lon0 = grid.hex_to_latlon(distinct)
    lat, lon = (fixes[name].to_numpy(float)[rows] for name in ("lat", "lon"))
    own_east, own_north = _polar_m(lat0[where], lon0[where], lat, lon)
    apart = np.hypot(east[where] - own_east[:, None], north[where] - own_north[:, None])
    unit = disc_m[where][:, None]
    sigma = fixes["radius_m"].to_numpy(float)[rows][:, None] / R90_SIGMAS
    mass = gaussian_in_disc(apart / unit, sigma / unit)
    mass[table[where] == 0] = 0.0
    return _long_form(rows, table[where], mass)


def _long_form(rows: Ints, hexes: Ints, mass: Floats) -> Shares:
    share = mass / mass.sum(axis=1, keepdims=True)
    share[share < _LEAST_SHARE] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    row, column = np.nonzero(share)
    return rows[row], hexes[row, column], share[row, column]


def _centres_around(origins: Ints, table: Ints) -> tuple[Floats, Floats]:
    """(n, m) metres east and north of each table hex from the centre of its row's hex."""
    lat0, lon0 = grid.hex_to_latlon(origins)
    filled = np.where(table == 0, origins[:, None], table)
    distinct, where = np.unique(filled, return_inverse=True)
    lat, lon = (values[where].reshape(table.shape) for values in grid.hex_to_latlon(distinct))
    return _polar_m(lat0[:, None], lon0[:, None], lat, lon)


def _polar_m(lat0: Floats, lon0: Floats, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Azimuthal metres east and north: true also at the poles and across the antimeridian."""
    metres, theta = distance_m(lat0, lon0, lat, lon), np.radians(bearing_deg(lat0, lon0, lat, lon))
    return metres * np.sin(theta), metres * np.cos(theta)


def _spread_areas(rows: Ints, labels: pd.Series, polygons: Polygons, home: Ints, resolution: int) -> Iterator[Shares]:
    """Uniform over the hexes whose centre lies in the polygon of the fix's label; its own hex if none does."""
    for label in labels.iloc[rows].unique():
        members = rows[(labels.iloc[rows] == label).to_numpy()]
        inside = grid.hexes_in_polygon(polygons[label], resolution)
        if len(inside):
            share = np.full(len(members) * len(inside), 1.0 / len(inside))
            yield np.repeat(members, len(inside)), np.tile(inside, len(members)), share
        else:
            yield members, home[members], np.ones(len(members))


def _by_exposure(rows: Ints, hexes: Ints, share: Floats, resolution: int, exposure: pd.DataFrame | None) -> Floats:
    """Shares multiplied by the customers of each hex and brought back to 1 for each fix."""
    if exposure is None or not len(exposure) or not len(rows):
        return share
    at = grid.to_hex(exposure["lat"], exposure["lon"], resolution)
    customers = pd.Series(exposure["customers"].to_numpy(float)).groupby(at).sum()
    slot = grid.positions(customers.index.to_numpy(), hexes)
    here = np.where(slot >= 0, customers.to_numpy()[slot], 0.0)
    fixes = int(rows.max()) + 1
    mean = np.bincount(rows, here, fixes) / np.maximum(np.bincount(rows, minlength=fixes), 1)
    weighted = share * np.where(mean[rows] > 0, here + _UNKNOWN_EXPOSURE * mean[rows], 1.0)
    return weighted / np.bincount(rows, weighted, fixes)[rows]


def _collect(codes: Ints, hexes: Ints, share: Floats, complaint_ids: pd.Index) -> pd.DataFrame:
    """One row per complaint and hex, in the order of complaints and hexes, each complaint summing to 1."""
    if not len(codes):
        return empty(WEIGHTS)
    order = np.lexsort((hexes, codes))
    codes, hexes, share = codes[order], hexes[order], share[order]
    first = np.flatnonzero(np.r_[True, (codes[1:] != codes[:-1]) | (hexes[1:] != hexes[:-1])])
    codes, hexes, share = codes[first], hexes[first], np.add.reduceat(share, first)
    share = np.minimum(share / np.bincount(codes, share)[codes], 1.0)
    frame = pd.DataFrame({"complaint_id": complaint_ids.take(codes), "hex": hexes, "weight": share})
    return conform(frame, WEIGHTS)
