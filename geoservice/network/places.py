"""Measurements, planned sites, exposure and gazetteers → their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.geodesy import ta_distance_m
from geoservice.grid import hex_to_latlon, is_valid
from geoservice.network.draft import Cleaned, Draft, Floats
from geoservice.network.heard import heard
from geoservice.network.vocabulary import GEONAMES_KINDS, PLAN_STATES, PLAN_TYPES, RATS, SOURCES
from geoservice.parsing.numbers import floats
from geoservice.parsing.text import normalised
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import EXPOSURE, GAZETTEER, MEASUREMENTS, PLANNED_SITES

_NR_MU = 1  # 30 kHz, the usual subcarrier spacing of NR below 6 GHz
# Lower edges of the reported ranges: TS 36.133 Table 9.1.4-1 and TS 38.133 Table 10.1.6.1-1.
_RSRP_INDEX_OFFSET = {"LTE": -141.0, "NR": -157.0}
_HIGHEST_DBM = -30.0


def clean_measurements(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Level samples; indices of measurement reports become dBm (LTE idx − 141, NR idx − 157)."""
    draft = Draft(chunk, options, MEASUREMENTS)
    time, points = draft.time("time", required=True), draft.points()
    rats = draft.choice("rat", RATS)
    sources = draft.choice("source", SOURCES)
    level = _level(draft, rats)
    quality, _ = draft.soft_number("rsrq_db")
    sinr, _ = draft.soft_number("sinr_db")
    accuracy, _ = draft.soft_number("accuracy_m")
    speed, _ = draft.soft_number("speed_kmh")
    chance, _ = draft.soft_number("indoor_prob")
    channel, code = (draft.soft_number(name, whole=True)[0] for name in ("arfcn", "pci"))
    columns = {
        "time": time.utc, "lat": points.lat, "lon": points.lon, "crs": points.crs, "rsrp_dbm": level,
        "cgi": draft.key("cgi", required=False), "rat": rats, "rsrq_db": quality, "sinr_db": sinr,
        "source": sources, "indoor": _indoor(draft, chance), "indoor_prob": chance, "ta_m": _ta(draft, rats),
        "device": draft.text("device"), "accuracy_m": accuracy, "speed_kmh": speed, "neighbours": heard(draft),
        "arfcn": pd.Series(channel).astype("Int64"), "pci": pd.Series(code).astype("Int64"),
    }  # fmt: skip
    return draft.finish(columns)


def clean_planned_sites(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Sites to come."""
    draft = Draft(chunk, options, PLANNED_SITES)
    points = draft.points()
    height, _ = draft.soft_number("height_m")
    columns = {
        "plan_no": draft.key("plan_no"),
        "lat": points.lat,
        "lon": points.lon,
        "crs": points.crs,
        "status": draft.choice("status", PLAN_STATES),
        "type": draft.choice("type", PLAN_TYPES),
        "expected_on_air": draft.date("expected_on_air"),
        "height_m": height,
        "bands": draft.text("bands").str.replace(r"[;,/、，；]\s*", "|", regex=True),
        "azimuths": draft.text("azimuths").str.replace(r"[;,/、，；]\s*", "|", regex=True),
    }
    return draft.finish(columns)


def clean_exposure(chunk: RawChunk, options: ImportOptions, gazetteer: pd.DataFrame | None = None) -> Cleaned:
    """Customers (or inhabitants) per place.

    The place is a point, a hex, or a name that stands once in the file and once in ``gazetteer``. ``kind`` says
    what is counted. Totals that contain other rows of the file (a state, "Rural" beside "Total")
    are refused: they would count people twice.
    """
    draft = Draft(chunk, options, EXPOSURE)
    _refuse_totals(draft)
    _points_of_hexes(draft)
    if draft.has("name") and not draft.has("lat"):
        _points_of_names(draft, gazetteer)
    points = draft.points()
    counted, people = draft.number("customers"), draft.number("population")
    use_people = np.isnan(counted) & np.isfinite(people)
    values = np.where(use_people, people, counted)
    draft.refuse(np.isnan(values), "customers", "missing", "customers (or population) is missing")
    kind = draft.text("kind").where(draft.text("kind").isin(EXPOSURE.by_name["kind"].values))
    kind = kind.fillna(pd.Series(np.where(use_people, "population", "subscribers"), index=kind.index))
    return draft.finish({"lat": points.lat, "lon": points.lon, "customers": values, "kind": kind})


def clean_gazetteer(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Names of places; GeoNames features get their kind, administrative context and a radius by population."""
    draft = Draft(chunk, options, GAZETTEER)
    points = draft.points()
    radius, _ = draft.soft_number("radius_m")
    people, _ = draft.soft_number("population")
    geonames = draft.text("feature_code").notna()
    kind = draft.text("kind").where(~geonames, _geonames_kind(draft.text("feature_code")))
    radius = np.where(np.isnan(radius) & geonames.to_numpy(), _town_radius_m(people), radius)
    columns = {
        "name": draft.need("name"), "lat": points.lat, "lon": points.lon, "crs": points.crs, "kind": kind,
        "radius_m": radius, "population": people, "alt_names": _alternatives(draft, geonames), "admin": _admin(draft),
    }  # fmt: skip
    return draft.finish(columns)


def _level(draft: Draft, rats: pd.Series) -> Floats:
    """RSRP in dBm, from the level itself or the index of a measurement report."""
    level = floats(draft.text("rsrp_dbm"))[0]
    index = floats(draft.text("rsrp_index"))[0]
    # A file without any level in dBm holds indices: no phone receives 0 dBm. Beside levels it is a slip.
    if not draft.seen("rsrp_dbm", level).low <= _HIGHEST_DBM:
        index = np.where(np.isnan(index) & (level <= 127), level, index)
    converted = index + rats.fillna("LTE").map(_RSRP_INDEX_OFFSET).to_numpy(float)
    from_index = np.isfinite(converted) & ~(level < 0)
    draft.remark(from_index, "levels were indices of measurement reports; converted to dBm (lower edge)")
    texts = "rsrp_index" if draft.has("rsrp_index") and not draft.has("rsrp_dbm") else "rsrp_dbm"
    values = np.where(from_index, converted, level)
    draft.refuse(np.isnan(values), texts, "missing", "rsrp_dbm is missing or no number")
    draft.refuse((values < -156) | (values > _HIGHEST_DBM), texts, "out-of-range", "outside −156…−30 dBm")
    return values


def _indoor(draft: Draft, chance: Floats) -> pd.Series:
    """A flag, or the probability of being indoors (over one half is indoors)."""
    texts = draft.text("indoor")
    share, _ = floats(texts.where(texts.str.contains(".", regex=False).fillna(False)))
    share = np.where(texts.isna(), chance, share)
    draft.frame["indoor"] = texts.mask(
        np.isfinite(share), pd.Series(np.where(share > 0.5, "1", "0"), index=texts.index)
    )
    return draft.flag("indoor")


def _ta(draft: Draft, rats: pd.Series) -> Floats:
    metres, _ = draft.soft_number("ta_m")
    steps, _ = draft.soft_number("ta_steps", whole=True)
    from_steps = np.where(rats == "NR", ta_distance_m(steps, _NR_MU), ta_distance_m(steps))
    return np.where(np.isnan(metres), from_steps, metres)


def _refuse_totals(draft: Draft) -> None:
    """Rows of a census table that repeat what finer rows of it say."""
    if not draft.has("part") and not draft.has("level"):
        return
    part, level = draft.text("part").str.lower(), draft.text("level").str.upper()
    part_of = part.isin(["rural", "urban", "农村", "城镇"]) & bool((part == "total").any())
    draft.refuse(part_of, "part", "part-of-total", "urban and rural rows are contained in the total of their place")
    above = level.isin(["INDIA", "COUNTRY", "STATE", "DISTRICT", "PROVINCE"]) & bool((level == "SUB-DISTRICT").any())
    draft.refuse(above, "level", "contains-others", "the row is the sum of finer rows of this file")


def _points_of_hexes(draft: Draft) -> None:
    """Rows with a hex instead of a point get its centre."""
    if not draft.has("hex"):
        return
    texts = draft.text("hex").str.lower()
    shaped = texts.str.fullmatch(r"[0-9a-f]{15}").fillna(False).to_numpy(bool)
    hexes = np.array([int(t, 16) for t in texts[shaped]], np.int64)
    valid = np.zeros(len(texts), bool)
    valid[shaped] = is_valid(hexes) if len(hexes) else False
    draft.refuse(
        texts.notna().to_numpy() & ~valid, "hex", "not-a-hex", "not an H3 index; 15 hexadecimal digits are expected"
    )
    lat, lon = hex_to_latlon(hexes[valid[shaped]]) if valid.any() else (np.empty(0), np.empty(0))
    for name, values in (("lat", lat), ("lon", lon)):
        filled = draft.text(name).astype(object)
        filled[valid] = [repr(float(v)) for v in values]
        draft.frame[name] = filled.astype("str")
    draft.frame["crs"] = draft.text("crs").mask(valid, "WGS84")


def _points_of_names(draft: Draft, gazetteer: pd.DataFrame | None) -> None:
    """Points of places known by name only; a name known not at all or several times is refused."""
    if gazetteer is None or gazetteer.empty:
        reason = "no coordinates in the file; add lat and lon (or a hex), or give a gazetteer that knows the names"
        draft.refuse(np.ones(len(draft), bool), "lat", "no-coordinates", reason)
        return
    known = gazetteer.assign(key=_name_key(gazetteer["name"])).drop_duplicates(["key", "lat", "lon"])
    single = known[~known["key"].duplicated(keep=False)].set_index("key")
    keys = _name_key(draft.text("name"))
    repeated = keys.where(draft.rejects.kept).duplicated(keep=False) & draft.rejects.kept
    ambiguous = keys.isin(known.loc[known["key"].duplicated(), "key"]) | repeated
    draft.refuse(ambiguous, "name", "ambiguous-name", "several places have this name; add lat and lon")
    draft.refuse(
        ~keys.isin(single.index), "name", "no-coordinates", "no coordinates, and the gazetteer does not know the name"
    )
    for name in ("lat", "lon"):
        draft.frame[name] = keys.map(single[name]).astype("str").where(keys.isin(single.index))
    draft.frame["crs"] = "WGS84"


def _name_key(names: pd.Series) -> pd.Series:
    return normalised(names).str.casefold().str.replace(r"[^\w]", "", regex=True)


def _geonames_kind(codes: pd.Series) -> pd.Series:
    """GeoNames feature codes begin with their class letter's habits: PPL… towns, ADM… districts."""
    return (
        codes.str.slice(0, 1)
        .map({**GEONAMES_KINDS})
        .fillna("area")
        .mask(codes.str.startswith("PPLX").fillna(False), "district")
    )


def _town_radius_m(people: Floats) -> Floats:
    """Radius of a disc that houses the people at 8,000 per km², at least 1 km, at most 15 km."""
    return np.clip(np.sqrt(np.nan_to_num(people) / 8000.0 / np.pi) * 1000.0, 1000.0, 15_000.0)


def _alternatives(draft: Draft, geonames: pd.Series) -> pd.Series:
    """Other names separated by a vertical bar (GeoNames writes commas)."""
    names = draft.text("alt_names")
    commas = names.str.replace(",", "|", regex=False)
    ascii_name = draft.text("ascii_name")
    joined = (ascii_name.fillna("") + "|" + commas.fillna("")).str.strip("|")
    return names.where(~geonames, joined.mask(joined == ""))


def _admin(draft: Draft) -> pd.Series:
    """Administrative context from small to large."""
    given = draft.text("admin")
    codes = [draft.text(name).fillna("") for name in ("admin2", "admin1", "country_code")]
    joined = (codes[0] + ", " + codes[1] + ", " + codes[2]).str.replace(r"^(?:, )+", "", regex=True)
    return given.fillna(joined.mask(joined == ""))
