"""Masts: which cells stand together, and what looks implausible about them (the watch list)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import default_config
from geoservice.geodesy import METRES_PER_DEGREE
from geoservice.network.draft import Floats
from geoservice.parsing.counting import counted
from geoservice.parsing.text import word_where

_URBAN = r"(?i)市区|城区|密集|商业|dense|urban|downtown"
WATCH_MEANING = {
    "height-high": "stand higher than 50 m",
    "height-low": "outdoors stand lower than 10 m",
    "tilt-high": "tilt more than 16°",
    "tilt-low": "tilt less than 2°",
    "high-and-flat": "stand higher than 50 m with less than 6° of tilt",
    "azimuth-gap": "point less than 65° from another sector of their site on their carrier",
    "isolated": "in urban scenes stand more than 500 m from the next site",
    "tilt-sum": "have a total tilt that is not mechanical plus electrical",
    "tilt-kind-unknown": "have one tilt of unknown kind, taken as electrical",
    "power-from-eirp": "have their power taken from an EIRP",
    "power-from-total": "have their power spread from the total",
    "azimuth-odd": "had an azimuth outside 0…360",
    "position-pairs-differ": "have a Baidu pair more than 100 m from their own pair",
}
Words = NDArray[np.object_]


def site_ids(lat: Floats, lon: Floats, given: pd.Series, crowd: NDArray[np.bool_]) -> pd.Series:
    """The mast of every cell: as given, else of cells within 30 m of one another.

    The name is made of the first such cell's coordinates, so that other files agree on it.
    Crowd-sourced positions are centroids of reports: they get no mast.
    """
    missing = (given.isna().to_numpy()) & np.isfinite(lat) & ~crowd
    if not missing.any():
        return given
    groups = _together(lat[missing], lon[missing], default_config()["cosite_m"])
    corner = pd.DataFrame({"lat": lat[missing], "lon": lon[missing], "group": groups}).sort_values(["lat", "lon"])
    first = corner.groupby("group")[["lat", "lon"]].first().reindex(groups)
    made = [f"S{a:.5f},{b:.5f}" for a, b in zip(first["lat"], first["lon"], strict=True)]
    result = given.astype(object)
    result[missing] = made
    return result.astype("str")


def watch_list(cells: pd.DataFrame, *extra: Words) -> pd.Series:
    """Findings of handbook section 3 per cell, separated by a vertical bar; missing where there is none.

    Reported, never rejected. Tilt and height are judged for outdoor cells, tilt only where both parts are known.
    """
    height = cells["height_m"].to_numpy()
    tilt = (cells["mech_tilt_deg"] + cells["elec_tilt_deg"]).to_numpy()
    outdoor = ~(cells["indoor"].fillna(False).to_numpy(bool) | (cells["site_type"] == "DAS").to_numpy())
    rules = {
        "height-high": height > 50,
        "height-low": (height < 10) & outdoor & ~cells["site_type"].isin(["micro", "pico", "femto"]).to_numpy(),
        "tilt-high": (tilt > 16) & outdoor,
        "tilt-low": (tilt < 2) & outdoor,
        "high-and-flat": (height > 50) & (tilt < 6) & outdoor,
        "azimuth-gap": _azimuth_gap(cells) < 65,
        "isolated": _isolated(cells) & outdoor,
    }
    columns = [word_where(found, code) for code, found in rules.items()] + [np.asarray(e, object) for e in extra]
    return _joined(columns, cells.index)


def watch_notes(watch: pd.Series) -> list[str]:
    """One sentence per finding: how many cells it concerns."""
    counts = watch.dropna().str.split("|").explode().value_counts()
    return [
        f"watch list: {counted(n, 'cells ' + WATCH_MEANING[code])}"
        for code, n in counts.items()
        if code in WATCH_MEANING
    ]


def _joined(columns: list[Words], index: pd.Index) -> pd.Series:
    text = pd.Series("", index=index, dtype="str")
    for column in columns:
        text = text + pd.Series([f"|{c}" if c else "" for c in column], index=index, dtype="str")
    return text.str.slice(1).mask(text == "")


def _metres(lat: Floats, lon: Floats) -> Floats:
    """Points on a plane that is true to scale over the few kilometres neighbours are apart."""
    return np.column_stack([lon * np.cos(np.radians(lat)), lat]) * METRES_PER_DEGREE


def _together(lat: Floats, lon: Floats, within_m: float) -> NDArray[np.int64]:
    """Group number of each point: connected by steps of at most ``within_m``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    places, which = np.unique(np.column_stack([lat, lon]), axis=0, return_inverse=True)
    pairs = cKDTree(_metres(places[:, 0], places[:, 1])).query_pairs(within_m, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places)))
    return np.asarray(connected_components(links, directed=False)[1])[which.ravel()]


def _azimuth_gap(cells: pd.DataFrame) -> Floats:
    """Least angle to another direction of the same site on the same carrier; infinite where there is none."""
    frame = cells.assign(carrier=cells["frequency_mhz"].fillna(-1.0))[["site_id", "carrier", "azimuth_deg"]]
    unique = frame.dropna().drop_duplicates().sort_values(["site_id", "carrier", "azimuth_deg"])
    groups = unique.groupby(["site_id", "carrier"])["azimuth_deg"]
    ahead = groups.shift(-1).fillna(groups.transform("first") + 360.0) - unique["azimuth_deg"]
    behind = unique["azimuth_deg"] - groups.shift(1).fillna(groups.transform("last") - 360.0)
    gap = np.where(groups.transform("size") > 1, np.minimum(ahead, behind), np.inf)
    return (
        frame.merge(unique.assign(gap=gap), how="left", on=["site_id", "carrier", "azimuth_deg"])["gap"]
        .fillna(np.inf)
        .to_numpy()
    )


def _isolated(cells: pd.DataFrame) -> NDArray[np.bool_]:
    """Cells of urban scenes whose next site is more than 500 m away."""
    from scipy.spatial import cKDTree

    urban = cells["scene"].str.contains(_URBAN, regex=True).fillna(False).to_numpy(bool)
    sites = cells.dropna(subset="site_id").drop_duplicates("site_id")
    if not urban.any() or len(sites) < 2:
        return np.zeros(len(cells), bool)
    plane = _metres(sites["lat"].to_numpy(), sites["lon"].to_numpy())
    distance = pd.Series(cKDTree(plane).query(plane, k=2)[0][:, 1], index=sites["site_id"])
    return urban & (cells["site_id"].map(distance).to_numpy(float) > 500.0)
