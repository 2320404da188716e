"""Gazetteers for tests: a made-up Chinese city, Indian towns, and misspellings of their names with known truth."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from geoservice.tables import GAZETTEER, conform

CITY = (22.60, 114.05)
_DISTRICTS = ["南山区", "福田区", "罗湖区", "宝安区", "龙岗区", "盐田区", "光明区", "坪山区"]
_FRONT = list(
    "新安华振深龙科创海景东西南北中上下大宝福富金银翠梅桃莲荷松竹兰桂锦秀云泰康吉祥瑞丰永和平民乐文明光辉前进建设"
)
_BACK = list("苑园湖山湾河江岭坪洲港城阳月星辰源泉林海贤德义仁安宁兴旺盛达通顺发展")
_KINDS = {
    "street": (["路", "街", "大道", "巷", "一路", "二路"], 420),
    "estate": (["花园", "小区", "家园", "公寓", "新村", "名苑", "雅居"], 700),
    "poi": (["小学", "中学", "医院", "广场", "商场", "酒店", "地铁站", "公园", "工业园", "市场"], 600),
    "building": (["大厦", "中心", "国际大厦", "科技大厦"], 300),
    "village": (["村", "围", "村委会"], 120),
    "township": (["街道"], 40),
}  # fmt: skip
_STATES = {
    "02": "Andhra Pradesh", "03": "Assam", "07": "Delhi", "09": "Gujarat", "10": "Haryana", "11": "Himachal Pradesh",
    "12": "Jammu and Kashmir", "13": "Kerala", "16": "Maharashtra", "17": "Manipur", "18": "Meghalaya",
    "19": "Karnataka", "20": "Nagaland", "21": "Odisha", "22": "Puducherry", "23": "Punjab", "24": "Rajasthan",
    "25": "Tamil Nadu", "26": "Tripura", "28": "West Bengal", "29": "Sikkim", "30": "Arunachal Pradesh",
    "31": "Mizoram", "33": "Goa", "34": "Bihar", "35": "Madhya Pradesh", "36": "Uttar Pradesh", "37": "Chhattisgarh",
    "38": "Jharkhand", "39": "Uttarakhand", "40": "Telangana",
}  # fmt: skip


def chinese_city(seed: int = 7) -> pd.DataFrame:
    """About 2,500 places of eight districts: roads, estates, points of interest, crossings."""
    rng = np.random.default_rng(seed)
    rows = [_row("深圳市", *CITY, "city", "广东省", 17_000_000)]
    centres = {d: (CITY[0] + rng.uniform(-0.2, 0.2), CITY[1] + rng.uniform(-0.3, 0.3)) for d in _DISTRICTS}
    rows += [_row(d, *centres[d], "district", "深圳市|广东省", 2_000_000) for d in _DISTRICTS]
    for kind, (endings, count) in _KINDS.items():
        names = {_name(rng) + str(rng.choice(endings)) for _ in range(count)}
        for name in sorted(names):
            district = str(rng.choice(_DISTRICTS))
            lat, lon = centres[district] + rng.normal(0, 0.03, 2)
            rows.append(_row(name, lat, lon, kind, f"{district}|深圳市|广东省"))
    rows += _crossings([r for r in rows if r["kind"] == "street"], rng)
    return conform(pd.DataFrame(rows), GAZETTEER)


def indian_towns(shared: Path) -> pd.DataFrame:
    """The 2,431 GeoNames towns with their states."""
    path = shared / "data" / "india_geo" / "IN_cities15000.tsv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    frame = pd.DataFrame(
        {
            "name": [r[1] for r in rows],
            "lat": [float(r[4]) for r in rows],
            "lon": [float(r[5]) for r in rows],
            "alt_names": ["|".join([r[2], *r[3].split(",")]) for r in rows],
            "kind": "town",
            "admin": [_STATES.get(r[10], "") for r in rows],
            "population": [float(r[14]) for r in rows],
        }
    )
    return conform(frame, GAZETTEER)


def misspell_latin(name: str, rng: np.random.Generator) -> str:
    """One letter swapped, dropped, doubled or replaced, never the first."""
    if len(name) < 4:
        return name
    at = int(rng.integers(1, len(name) - 1))
    letter = chr(int(rng.integers(97, 123)))
    forms = [
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + letter + name[at + 1 :],
    ]
    return forms[int(rng.integers(4))]


def misspell_han(name: str, rng: np.random.Generator) -> str:
    """A homophone, a dropped or swapped character, not the first."""
    from pypinyin import lazy_pinyin

    if len(name) < 3:
        return name
    at = int(rng.integers(0, len(name) - 1))
    same = [
        c for c in _FRONT + _BACK + list("辛按画镇生笼柯闯还井董夕难备钟") if lazy_pinyin(c) == lazy_pinyin(name[at])
    ]
    choices = [name[:at] + name[at + 1] + name[at] + name[at + 2 :]]
    choices += [name[:at] + c + name[at + 1 :] for c in same if c != name[at]] * 3
    if len(name) > 4:
        choices.append(name[:at] + name[at + 1 :])
    return choices[int(rng.integers(len(choices)))]


def in_pinyin(name: str, keep: int = 0) -> str:
    """The name in pinyin, its last ``keep`` characters left in Chinese."""
    from pypinyin import lazy_pinyin

    head = name[: len(name) - keep] if keep else name
    return " ".join(lazy_pinyin(head)) + (name[-keep:] if keep else "")


def _name(rng: np.random.Generator) -> str:
    length = int(rng.integers(2, 4))
    return "".join([str(rng.choice(_FRONT)) for _ in range(length - 1)] + [str(rng.choice(_BACK))])


def _crossings(streets: list[dict[str, object]], rng: np.random.Generator) -> list[dict[str, object]]:
    rows = []
    for _ in range(250):
        a, b = rng.choice(len(streets), 2, replace=False)
        first, second = streets[int(a)], streets[int(b)]
        name = f"{first['name']}与{second['name']}交叉口"
        rows.append(_row(name, float(first["lat"]), float(second["lon"]), "crossing", str(first["admin"])))  # type: ignore[arg-type]
    return rows


def _row(name: str, lat: float, lon: float, kind: str, admin: str, population: float = np.nan) -> dict[str, object]:
    return {"name": name, "lat": lat, "lon": lon, "kind": kind, "admin": admin, "population": population}
