"""The sector table (工参) and crowd-sourced cell lists → table ``cells``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.geodesy import distance_m, to_wgs84
from geoservice.network.cell_keys import cell_keys
from geoservice.network.draft import Cleaned, Draft, Floats
from geoservice.network.radio_fields import azimuths, bandwidths, frequencies, rats_of, rs_power, tilts
from geoservice.network.sites import Words, site_ids, watch_list, watch_notes
from geoservice.network.vocabulary import CELL_STATES, INDOOR, SITE_TYPES
from geoservice.parsing.numbers import floats, integers, whole_texts
from geoservice.parsing.points import without_placeholders
from geoservice.parsing.text import blank, word_where
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import CELLS

_PAIRS_APART_M = 100.0
_KEY_PARTS = ("enb_id", "gnb_id", "cell_id", "eci", "nci", "mcc", "mnc", "lac", "ci")
_STATED = ("lat_bd", "lon_bd", "total_tilt_deg", "max_power_dbm")


def clean_cells(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Cells with text keys, WGS-84 positions, MHz, dBm and the watch list.

    Engineering parameters that are unreadable or impossible are left out with a remark (the
    cell stays); what is merely implausible is on the watch list.
    """
    draft = Draft(chunk, options, CELLS)
    pair_remark = _use_baidu_pair(draft)
    rats = rats_of(draft)
    keys = cell_keys(draft, rats)
    points = draft.points()
    columns = _radio_columns(draft, rats)
    crowd = (draft.text("position_source") == "crowd").to_numpy()
    columns |= {
        "cgi": keys,
        "rat": rats,
        "lat": points.lat,
        "lon": points.lon,
        "crs": points.crs,
        **_as_stated(draft),
        "site_id": site_ids(points.lat, points.lon, draft.key("site_id", required=False), crowd),
        "position_source": np.where(crowd, "crowd", "engineering"),
    }
    remarks = [columns.pop("tilt_remark"), columns.pop("power_remark"), columns.pop("azimuth_remark"), pair_remark]
    watch = _watch(draft, columns, remarks)
    return draft.finish({**columns, "watch": watch})


def _radio_columns(draft: Draft, rats: pd.Series) -> dict[str, object]:
    site_type = draft.choice("site_type", SITE_TYPES)
    indoor = _indoor(draft, site_type)
    hbw, _ = draft.soft_number("hbw_deg")
    azimuth, odd = azimuths(draft, indoor, hbw)
    mech, elec, tilt_remark = tilts(draft)
    arfcn, mhz = frequencies(draft, rats)
    bandwidth = bandwidths(draft, rats)
    gain, _ = draft.soft_number("gain_dbi")
    power, gain, power_remark = rs_power(draft, rats, gain, bandwidth)
    draft.frame["pci"] = draft.text("pci").replace("-1", None)  # how OpenCelliD writes "unknown"
    pci, _ = draft.soft_number("pci", whole=True)
    tac, _ = draft.soft_number("tac", whole=True)
    vbw, _ = draft.soft_number("vbw_deg")
    reach, _ = draft.soft_number("range_m")
    planned, _ = draft.soft_number("planned_radius_m")
    return {
        "site_type": site_type, "indoor": indoor, "hbw_deg": hbw, "vbw_deg": vbw, "azimuth_deg": azimuth,
        "mech_tilt_deg": mech, "elec_tilt_deg": elec, "arfcn": _nullable(arfcn), "frequency_mhz": mhz,
        "bandwidth_mhz": bandwidth, "gain_dbi": gain, "rs_power_dbm": power, "pci": _nullable(pci),
        "tac": _nullable(tac), "height_m": _height(draft), "planned_radius_m": planned,
        "range_m": np.where(np.isnan(reach), planned, reach),
        "status": draft.choice("status", CELL_STATES), "on_air_date": draft.date("on_air_date"),
        "tilt_remark": tilt_remark, "power_remark": power_remark,
        "azimuth_remark": word_where(odd, "azimuth-odd"),
    }  # fmt: skip


def _as_stated(draft: Draft) -> dict[str, object]:
    """What the table states besides, kept: parts of keys as whole texts, numbers where they are numbers."""
    keys = {name: whole_texts(draft.text(name)) for name in _KEY_PARTS if draft.has(name)}
    columns: dict[str, object] = {name: texts.mask(lossy) for name, (texts, lossy) in keys.items()}
    columns |= {name: floats(draft.text(name))[0] for name in _STATED if draft.has(name)}
    if draft.has("samples"):
        columns["samples"] = _nullable(integers(draft.text("samples"))[0])
    return columns


def _watch(draft: Draft, columns: dict[str, object], remarks: list[object]) -> pd.Series:
    frame = pd.DataFrame({**columns, "scene": draft.text("scene")}, index=draft.frame.index)
    crowd = (frame["position_source"] == "crowd").to_numpy()
    watch = watch_list(frame, *(np.asarray(r, object) for r in remarks)).mask(crowd)
    for sentence in watch_notes(watch[draft.rejects.kept]):
        draft.say(sentence)
    return watch


def _height(draft: Draft) -> Floats:
    """Antenna height above ground; 0 means nobody entered it."""
    draft.frame["height_m"] = draft.text("height_m").mask(draft.text("height_m").isin(["0", "0.0", "0.00"]))
    return draft.soft_number("height_m")[0]


def _indoor(draft: Draft, site_type: pd.Series) -> pd.Series:
    """Whether a cell is an indoor system; ``1``/``2`` read as outdoor/indoor where a 2 occurs (DoorType)."""
    texts = draft.text("indoor")
    if 2.0 in (draft.seen("indoor", floats(texts)[0]).few or ()):
        texts = texts.replace({"1": "outdoor", "2": "indoor", "3": "mixed", "0": "outdoor"})
        draft.frame["indoor"] = texts
    given = draft.flag("indoor", INDOOR)
    return given.mask(given.isna() & (site_type == "DAS"), True)


def _use_baidu_pair(draft: Draft) -> Words:
    """Fill positions from the Baidu column pair where the other is empty; compare the two where both are there."""
    remark = np.full(len(draft), None, object)
    if not draft.has("lat_bd"):
        return remark
    (own_lat, _), (own_lon, _) = floats(draft.text("lat")), floats(draft.text("lon"))
    own_lat, own_lon = without_placeholders(own_lat, own_lon)
    lat_bd, lon_bd = floats(draft.text("lat_bd"))[0], floats(draft.text("lon_bd"))[0]
    only_baidu = np.isnan(own_lat) & np.isfinite(lat_bd) & np.isfinite(lon_bd)
    both = np.isfinite(own_lat + own_lon + lat_bd + lon_bd) & (np.abs(own_lat) <= 90) & (np.abs(lat_bd) <= 90)
    if both.any():
        remark[both] = _far_apart(draft, own_lat, own_lon, lat_bd, lon_bd, both)
    for name, own in (("lat", "lat_bd"), ("lon", "lon_bd")):
        draft.frame[name] = draft.text(name).mask(only_baidu, draft.text(own))
    crs = draft.text("crs").mask(only_baidu, "BD09")
    draft.frame["crs"] = crs.mask(crs.isna() & ~only_baidu & ~blank(draft.text("lat")), draft.options.crs or "WGS84")
    draft.remark(only_baidu, "cells have only the Baidu pair of coordinates; converted from BD09")
    return remark


def _far_apart(draft: Draft, lat: Floats, lon: Floats, lat_bd: Floats, lon_bd: Floats, both: np.ndarray) -> Words:
    own = to_wgs84(lat[both], lon[both], draft.options.crs or "WGS84")
    baidu = to_wgs84(lat_bd[both], lon_bd[both], "BD09")
    apart = distance_m(*own, *baidu)
    if np.median(apart) > _PAIRS_APART_M:
        declared = draft.options.crs or "WGS84"
        draft.say(
            f"the pair read as {declared} and the Baidu pair lie {np.median(apart):.0f} m apart (median); "
            "one of them is in another datum than its heading says: check before use, nothing was shifted"
        )
    return word_where(apart > _PAIRS_APART_M, "position-pairs-differ")


def _nullable(values: Floats) -> pd.Series:
    return pd.Series(values).astype("Int64")
