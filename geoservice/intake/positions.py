"""The points of a complaint: where the trouble is, as the file gave it, and where the customer called from."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import distance_m, to_wgs84
from geoservice.intake.optional_fields import Notes
from geoservice.parsing.numbers import floats
from geoservice.parsing.points import CRS_WORDS, Points, crs_name, without_placeholders
from geoservice.parsing.text import blank, choose

Floats = NDArray[np.float64]
# A point and the pair it was made of agree within the rounding of five decimals and of other people's formulas.
_AGREE_M = 50.0


def with_input_pair(frame: pd.DataFrame, default_crs: str | None) -> pd.DataFrame:
    """Columns lat, lon and crs for files that bring the original pair ``input_lat``/``input_lon`` too.

    The datum then belongs to the original pair, and lat/lon are WGS-84 already; where they are
    empty the original pair stands in.
    """
    if "input_lat" not in frame or "input_lon" not in frame:
        return frame
    nothing = pd.Series(None, index=frame.index, dtype="str")
    original = ~blank(frame["input_lat"]) & ~blank(frame["input_lon"])
    empty = original & blank(frame.get("lat", nothing)) & blank(frame.get("lon", nothing))
    pair_crs = choose(frame.get("crs", nothing), CRS_WORDS)[0].fillna(crs_name(default_crs) or "WGS84")
    columns = {name: frame.get(name, nothing).mask(empty, frame[f"input_{name}"]) for name in ("lat", "lon")}
    crs = frame.get("crs", nothing).mask(original & ~empty, "WGS84").astype("str")
    return frame.assign(**columns, crs=crs, pair_crs=pair_crs)


def position_fields(frame: pd.DataFrame, points: Points, notes: Notes) -> dict[str, object]:
    """Columns lat, lon, crs, input_lat, input_lon, caller_lat and caller_lon."""
    found: dict[str, object] = {"lat": points.lat, "lon": points.lon, "crs": points.crs}
    found |= _input_pair(frame, points, notes)
    if "caller_lat" in frame and "caller_lon" in frame:
        found["caller_lat"], found["caller_lon"] = _caller(frame, points, notes)
    return found


def _input_pair(frame: pd.DataFrame, points: Points, notes: Notes) -> dict[str, object]:
    """The pair before conversion, where one took place; compared with the point where the file brings both."""
    given = "pair_crs" in frame
    names = ("input_lat", "input_lon") if given else ("lat", "lon")
    if names[0] not in frame or names[1] not in frame:
        return {}
    lat, lon = (floats(frame[name])[0] for name in names)
    known = np.isfinite(points.lat) & _on_globe(lat, lon)
    if given:
        _compare(points, lat, lon, known, frame, notes)
        return {"crs": points.crs.mask(known, frame["pair_crs"]), **_pair(lat, lon, known)}
    known &= (points.crs != "WGS84").fillna(False).to_numpy() | points.swapped
    return _pair(lat, lon, known)


def _pair(lat: Floats, lon: Floats, known: NDArray[np.bool_]) -> dict[str, object]:
    if not known.any():
        return {}
    return {"input_lat": np.where(known, lat, np.nan), "input_lon": np.where(known, lon, np.nan)}


def _compare(
    points: Points, lat: Floats, lon: Floats, known: NDArray[np.bool_], frame: pd.DataFrame, notes: Notes
) -> None:
    if known.any():
        own = to_wgs84(lat[known], lon[known], frame["pair_crs"][known].to_numpy())
        apart = distance_m(*own, points.lat[known], points.lon[known]) > _AGREE_M
        notes.add(int(apart.sum()), "rows have a point and an original pair that disagree; the point was taken")


def _caller(frame: pd.DataFrame, points: Points, notes: Notes) -> tuple[Floats, Floats]:
    """Where the customer called from, in the datum of the row; an impossible pair is left out."""
    (lat, bad_lat), (lon, bad_lon) = (floats(frame[name]) for name in ("caller_lat", "caller_lon"))
    lat, lon = without_placeholders(lat, lon)
    usable = _on_globe(lat, lon)
    odd = bad_lat | bad_lon | ((np.isfinite(lat) | np.isfinite(lon)) & ~usable)
    notes.add(int(odd.sum()), "points the customer called from are no places and were left out")
    lat, lon = np.where(usable, lat, np.nan), np.where(usable, lon, np.nan)
    crs = points.crs.fillna("WGS84")
    shifted = usable & (crs != "WGS84").to_numpy()
    if shifted.any():
        lat[shifted], lon[shifted] = to_wgs84(lat[shifted], lon[shifted], crs[shifted].to_numpy())
    return lat, lon


def _on_globe(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) <= 90) & (np.abs(lon) <= 180))
