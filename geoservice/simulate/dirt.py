"""From true contacts to the rows a complaint system exports: places in words, shifted, swapped or missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.datum import gcj02_to_bd09, wgs84_to_gcj02
from geoservice.simulate.places import POINT_KINDS
from geoservice.simulate.problems import World
from geoservice.simulate.speech import ENGLISH_SHARE, speak
from geoservice.simulate.town import ZONE_OFFSET

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# How the place of a contact reaches us.
LOCATED = {"wgs": 0.40, "gcj": 0.24, "bd": 0.02, "words": 0.25, "cell": 0.03, "district": 0.06}
SWAPPED_SHARE = 0.015
_CHANNELS = {"hotline": 0.55, "app": 0.24, "hall": 0.06, "web": 0.06, "sms": 0.03, "social": 0.04, "regulator": 0.02}
COLUMNS = [
    "ticket_no", "accepted_at", "occurred_from", "occurred_to", "customer_no", "channel", "class", "text", "place_text",
    "lat", "lon", "crs", "radius_m", "serving_cgi", "rat_shown", "indoor", "floor", "terminal_model", "other_phone_ok",
    "account_status", "roaming_country", "status", "result",
]  # fmt: skip


def complaints(world: World, contacts: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """The complaint table in import form, every value as text or empty."""
    rng = stream(world.town.seed, "dirt")
    contacts = contacts.assign(
        english=rng.random(len(contacts)) < ENGLISH_SHARE,
        vague=rng.random(len(contacts)) < 0.03,
        when=_when(contacts, rng),
        way=rng.choice(list(LOCATED), len(contacts), p=np.array(list(LOCATED.values()))),
    )
    place, near = find_places(contacts, places)
    # Far from any name a customer sends a pin, not words.
    contacts.loc[(contacts["way"] == "words") & ~near, "way"] = "wgs"
    words = np.where(near | (contacts["way"] == "district"), describe(contacts, place, places, rng), "")
    rows = pd.DataFrame({"ticket_no": _tickets(contacts)}, index=contacts.index)
    rows = rows.assign(**_times(contacts, rng), customer_no=numbers(contacts["customer"].to_numpy(), rng))
    rows = rows.assign(**_points(world, contacts, words, rng), **_radio(world, contacts, rng))
    said = pd.Series(np.where(rng.random(len(contacts)) < 0.35, words, ""), index=contacts.index)
    rows["text"] = speak(contacts, said, rng)
    rows["class"] = _given_class(contacts, rng)
    rows["channel"] = rng.choice(list(_CHANNELS), len(contacts), p=np.array(list(_CHANNELS.values())))
    return rows.assign(**_person(contacts, rng))[COLUMNS]


def _when(contacts: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.str_]:
    """The hour a customer names: night and evening troubles often say so."""
    hour = (contacts["occurred"] + ZONE_OFFSET).dt.hour.to_numpy()
    night, evening = (hour >= 22) | (hour < 6), (hour >= 17) & (hour < 22)
    spoken = np.where(night, "night", np.where(evening, "evening", "when"))
    return np.where(rng.random(len(contacts)) < 0.4, spoken, "when")


def _tickets(contacts: pd.DataFrame) -> list[str]:
    day = (contacts["accepted"] + ZONE_OFFSET).dt.strftime("%Y%m%d")
    return [f"TS{date}{number:06d}" for number, date in enumerate(day, 1)]


def _times(contacts: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Series]:
    known = pd.Series(rng.random(len(contacts)) < 0.8, index=contacts.index)
    over = contacts["occurred"] + (contacts["accepted"] - contacts["occurred"]) * 0.7
    ended = known & (rng.random(len(contacts)) < 0.2)
    return {
        "accepted_at": _clock(contacts["accepted"]),
        "occurred_from": _clock(contacts["occurred"]).where(known, ""),
        "occurred_to": _clock(over).where(ended, ""),
    }


def _clock(moments: pd.Series) -> pd.Series:
    return (moments + ZONE_OFFSET).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def numbers(customers: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """Fictitious numbers (199 0000 xxxx, never issued in this form), one per customer, written as people write them."""
    style = rng.choice(5, len(customers), p=[0.86, 0.05, 0.03, 0.03, 0.03])
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    plain = [f"1990000{customer % 10_000:04d}" for customer in customers]
    forms = (
        lambda n: n,
        lambda n: "+86" + n,
        lambda n: n.translate(wide),
        lambda n: n + ".0",
        lambda n: f"{n[:3]} {n[3:7]} {n[7:]}",
    )
    return [forms[way](number) for number, way in zip(plain, style, strict=True)]


def find_places(contacts: pd.DataFrame, places: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """The named place nearest to each contact, and whether it is near enough to be called by its name."""
    from scipy.spatial import cKDTree

    points = places[places["kind"].isin((*POINT_KINDS, "crossing"))].reset_index(drop=True)
    gap, nearest = cKDTree(points[["x", "y"]].to_numpy()).query(contacts[["x", "y"]].to_numpy())
    place = points.iloc[nearest]
    return place, gap <= np.maximum(1.5 * place["radius_m"].to_numpy(), 180)


def describe(
    contacts: pd.DataFrame, place: pd.DataFrame, places: pd.DataFrame, rng: np.random.Generator
) -> NDArray[np.str_]:
    """The place in the words of the customer, with building, gate or district."""
    district = place["admin"].str.split(",").str[0].to_numpy()
    detail = _details(place["kind"].to_numpy(), rng)
    zh = np.where(rng.random(len(place)) < 0.45, district, "") + place["name"].to_numpy(object) + detail
    en = place["alt_names"].to_numpy(object)
    english = places[places["kind"] == "district"].set_index("name")["alt_names"]
    rough = np.where(contacts["english"], "somewhere in " + pd.Series(district).map(english), district)
    words = np.where(contacts["english"], en, zh)
    return np.asarray(np.where(contacts["way"] == "district", rough, words))


def _details(kind: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    block, floor = rng.integers(1, 22, len(kind)), rng.integers(1, 19, len(kind))
    inside = [f"{b}栋{f}楼" if b % 3 else f"{b}号楼" for b, f in zip(block, floor, strict=True)]
    gate = rng.choice(["", "", "附近", "门口", "旁边"], len(kind))
    gate = np.where((kind == "crossing") & (gate != ""), "附近", gate)
    return np.where(kind == "estate", np.array(inside, object), gate.astype(object))


def _points(world: World, contacts: pd.DataFrame, words: NDArray[np.str_], rng: np.random.Generator) -> dict[str, Any]:
    number, way = len(contacts), contacts["way"].to_numpy()
    radius = np.round(np.where(contacts["indoor"], 45, 22) * rng.lognormal(0, 0.35, number))
    x, y = (contacts[axis].to_numpy() + rng.normal(0, radius / 2, number) for axis in ("x", "y"))
    lat, lon = world.town.plane.to_latlon(x, y)
    gcj = wgs84_to_gcj02(lat, lon)
    bd = gcj02_to_bd09(*gcj)
    lat = np.select([way == "gcj", way == "bd"], [gcj[0], bd[0]], lat)
    lon = np.select([way == "gcj", way == "bd"], [gcj[1], bd[1]], lon)
    swapped = rng.random(number) < SWAPPED_SHARE
    lat, lon = np.where(swapped, lon, lat), np.where(swapped, lat, lon)
    pinned = np.isin(way, ["wgs", "gcj", "bd"])
    spoken = np.isin(way, ["words", "district"]) | (pinned & (rng.random(number) < 0.55))
    datum = np.select([way == "gcj", way == "bd", pinned & (rng.random(number) < 0.6)], ["GCJ02", "BD09", "WGS84"], "")
    return {
        "lat": _written(lat, 6, pinned),
        "lon": _written(lon, 6, pinned),
        "crs": datum,
        "radius_m": _written(radius, 0, pinned & (rng.random(number) < 0.6)),
        "place_text": np.where(spoken, words, ""),
    }


def _written(values: Floats, digits: int, mask: Flags) -> list[str]:
    return [f"{value:.{digits}f}" if shown else "" for value, shown in zip(values, mask, strict=True)]


def _radio(world: World, contacts: pd.DataFrame, rng: np.random.Generator) -> dict[str, Any]:
    """Serving cell and technology the phone shows, from the radio world as it is for that contact."""
    levels = world.air.levels(contacts[["x", "y"]].to_numpy()).copy()
    kinds = {problem.id: problem for problem in world.problems}
    for name, problem in kinds.items():
        if any(effect.name in ("off", "asleep", "saving") for effect in problem.effects):
            here = (contacts["problem"] == name).to_numpy()
            levels[np.ix_(here, problem.cells)] = -170
    lte = np.flatnonzero((world.cells["rat"] == "LTE").to_numpy())
    base = np.flatnonzero((world.cells["carrier"] == "L1800").to_numpy())
    nr = np.flatnonzero((world.cells["rat"] == "NR").to_numpy())
    server = world.cells["cgi"].to_numpy()[base[levels[:, base].argmax(axis=1)]]
    best = levels[:, lte].max(axis=1)
    share = contacts["problem"].map({name: p.kind.tell_cell_share for name, p in kinds.items()}).fillna(0.3).to_numpy()
    told = (rng.random(len(contacts)) < share) | (contacts["way"] == "cell").to_numpy()
    told &= ((best > -122) | (contacts["way"] == "cell").to_numpy()) & (contacts["class"] != "ROAMING").to_numpy()
    shown = np.select([best < -120, levels[:, nr].max(axis=1, initial=-200.0) > -105], ["none", "5G"], "4G")
    return {
        "serving_cgi": np.where(told, server, ""),
        "rat_shown": np.where(rng.random(len(contacts)) < 0.4, shown, ""),
    }


def _given_class(contacts: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.object_]:
    """Two in five come with a class; one in twenty of those with the wrong one."""
    given = rng.random(len(contacts)) < 0.4
    wrong = rng.random(len(contacts)) < 0.05
    other = rng.choice(["WEAK_SIGNAL", "SLOW_DATA", "DROPPED_CALL"], len(contacts))
    truth = contacts["class"].to_numpy(object)
    vague = contacts["vague"].to_numpy()
    return np.where(given & ~vague, np.where(wrong, other, truth), "")


def _person(contacts: pd.DataFrame, rng: np.random.Generator) -> dict[str, Any]:
    number = len(contacts)
    terminal = (contacts["class"] == "TERMINAL_SIM").to_numpy()
    asked = rng.random(number) < np.where(terminal, 0.75, 0.06)
    yes = terminal | (rng.random(number) < 0.08)
    account = rng.choice(
        ["", "active", "arrears", "suspended", "throttled"], number, p=[0.55, 0.43, 0.008, 0.006, 0.006]
    )
    sick = account == "suspended"
    account = np.where(sick & (contacts["problem"] != "").to_numpy(), "active", account)
    floor = np.where(contacts["indoor"] & (rng.random(number) < 0.4), rng.integers(-2, 30, number).astype(str), "")
    country = rng.choice(["TH", "KR", "JP", "US"], number)
    return {
        "indoor": np.where(rng.random(number) < 0.7, np.where(contacts["indoor"], "true", "false"), ""),
        "floor": np.where(floor == "0", "1", floor),
        "terminal_model": np.where(rng.random(number) < 0.85, contacts["model"], ""),
        "other_phone_ok": np.where(asked, np.where(yes, "true", "false"), ""),
        "account_status": account,
        "roaming_country": np.where(contacts["class"] == "ROAMING", country, ""),
        "status": rng.choice(["closed", "closed", "open"], number),
        "result": np.where(rng.random(number) < 0.3, "已回复用户", ""),
    }
