"""The gazetteer: districts, streets, crossings, estates, points of interest and villages in two scripts."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.town import Town

Floats = NDArray[np.float64]
_RADIUS_M = {
    "city": 9000.0, "district": 4000.0, "street": 900.0, "crossing": 80.0, "estate": 150.0, "village": 450.0,
    "mall": 120.0, "hospital": 120.0, "school": 150.0, "metro": 80.0, "office": 80.0, "hotel": 60.0, "park": 250.0,
    "market": 120.0, "factory": 300.0,
}  # fmt: skip
POINT_KINDS = ("estate", "village", "mall", "hospital", "school", "metro", "office", "hotel", "market", "factory")


@cache
def lexicon() -> dict[str, Any]:
    """The syllables names are made of, each as Chinese and English text."""
    loaded: dict[str, Any] = json.loads((files("geoservice.simulate") / "names.json").read_text("utf-8"))
    return loaded


def name_places(town: Town, people_xy: Floats, customers: Floats, needed: Floats) -> pd.DataFrame:
    """Named places: ``name, alt_names, kind, x, y, radius_m, admin``.

    ``needed`` are points (problems) that get an estate or village with a name of their own.
    """
    rng = stream(town.seed, "places")
    scale = min(1.0, town.size.subscribers / 240_000) ** 0.5
    streets = _streets(town, rng, scale)
    points = _points(town, rng, people_xy, customers, needed, scale)
    frame = pd.concat([_districts(town), streets, _crossings(streets, town), points], ignore_index=True)
    frame["radius_m"] = frame["kind"].map(_RADIUS_M)
    frame["admin"] = _admin(frame, town)
    return frame.drop(columns="along")


def _rows(kind: str, names: list[tuple[str, str]], xy: Floats, along: str = "") -> pd.DataFrame:
    zh, en = [name[0] for name in names], [name[1] for name in names]
    return pd.DataFrame({"name": zh, "alt_names": en, "kind": kind, "x": xy[:, 0], "y": xy[:, 1], "along": along})


def _districts(town: Town) -> pd.DataFrame:
    words = lexicon()
    turn = 2 * np.pi * np.arange(4) / 4 + 0.6
    ring = 0.55 * town.radius_m * np.column_stack([np.cos(turn), np.sin(turn)])
    xy = np.vstack([[0.0, 0.0], ring])
    city = _rows("city", [tuple(words["city"])], np.zeros((1, 2)))
    return pd.concat([city, _rows("district", [tuple(d) for d in words["districts"]], xy)], ignore_index=True)


def _streets(town: Town, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Streets of a grid that widens outwards, each named once per kilometre-and-a-half segment's middle."""
    words = lexicon()
    lines = round(26 * scale) // 2
    offsets = np.sinh(np.linspace(-1.6, 1.6, lines)) / np.sinh(1.6) * 0.9 * town.size.zone_radius_m[2]
    firsts = rng.permutation(len(words["street_first"]))
    names = [_join(words["street_first"][firsts[n % len(firsts)]], words["street"][n % 3]) for n in range(2 * lines)]
    east = _rows("street", names[:lines], np.column_stack([np.zeros(lines), offsets]), "east")
    north = _rows("street", names[lines:], np.column_stack([offsets, np.zeros(lines)]), "north")
    return pd.concat([east, north], ignore_index=True)


def _crossings(streets: pd.DataFrame, town: Town) -> pd.DataFrame:
    east, north = (streets[streets["along"] == way] for way in ("east", "north"))
    i, j = np.meshgrid(np.arange(len(east)), np.arange(len(north)), indexing="ij")
    first, second = east.iloc[i.ravel()].reset_index(), north.iloc[j.ravel()].reset_index()
    xy = np.column_stack([second["x"], first["y"]])
    zh = first["name"] + second["name"] + "路口"
    en = first["alt_names"] + " and " + second["alt_names"]
    made = _rows("crossing", list(zip(zh, en, strict=True)), xy)
    return made[np.hypot(made["x"], made["y"]) < town.radius_m]


def _points(
    town: Town, rng: np.random.Generator, xy: Floats, customers: Floats, needed: Floats, scale: float
) -> pd.DataFrame:
    zone = town.zone(xy)
    counts = {kind: int(scale * number) + 1 for kind, number in _COUNTS.items()}
    parts = []
    for kind, number in counts.items():
        rural = kind == "village"
        weight = customers * (zone >= 2 if rural else zone <= 2)
        drawn = rng.choice(len(xy), number, replace=False, p=weight / weight.sum())
        spots = xy[drawn] + rng.normal(0, 40, (number, 2))
        if kind == "estate":
            spots = np.vstack([needed, spots])
        parts.append(_rows(kind, _names(kind, len(spots), rng), spots))
    return pd.concat(parts, ignore_index=True)


_COUNTS = {
    "estate": 300, "village": 60, "mall": 34, "hospital": 24, "school": 60, "metro": 24, "office": 60, "hotel": 30,
    "park": 16, "market": 26, "factory": 20,
}  # fmt: skip


def _names(kind: str, number: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Distinct names of a kind; a direction or a phase tells namesakes apart, as in real towns."""
    words = lexicon()
    firsts = words["village_first"] if kind == "village" else words["first"]
    lasts = words[kind] if kind in ("estate", "village") else words["poi"][kind]
    more = [("", ""), ("东", " East"), ("西", " West"), ("南", " South"), ("北", " North")]
    grid = [(a, b, c) for c in more for b in lasts for a in firsts]
    first_ring = len(firsts) * len(lasts)
    order = np.concatenate([rng.permutation(first_ring), np.arange(first_ring, len(grid))])[:number]
    return [(a[0] + c[0] + b[0], f"{a[1]}{c[1]} {b[1]}") for a, b, c in (grid[k] for k in order)]


def _join(first: list[str], last: list[str]) -> tuple[str, str]:
    return first[0] + last[0], f"{first[1]} {last[1]}"


def _admin(frame: pd.DataFrame, town: Town) -> list[str]:
    """Administrative context from small to large: the nearest district's centre, the city."""
    city = lexicon()["city"][0]
    districts = frame[frame["kind"] == "district"]
    gap = np.hypot(
        frame["x"].to_numpy()[:, None] - districts["x"].to_numpy(),
        frame["y"].to_numpy()[:, None] - districts["y"].to_numpy(),
    )
    nearest = districts["name"].to_numpy()[gap.argmin(axis=1)]
    larger = frame["kind"].isin(["city", "district"]).to_numpy()
    return [city if big else f"{name},{city}" for big, name in zip(larger, nearest, strict=True)]
