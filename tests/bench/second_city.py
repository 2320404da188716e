"""A second opinion: a small city generator that shares no code and no constant with ``geoservice.simulate``.

Random masts with one to three sectors instead of a lattice, a log-distance law with lognormal shadowing instead of the
3GPP models, a cosine antenna, heavy-tailed settlements, other counters' baselines and noise, other names, other
carriers. Problems are planted by what they do to the radio, the counters and the customers, as the handbook describes
their causes. ``python tests/bench/second_city.py FOLDER SEED`` writes one city in the import formats.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd

ZONE = timezone(timedelta(hours=8))
DAYS, BEGIN = 63, datetime(2025, 9, 1, tzinfo=ZONE)
SIDE_M = 13_000.0
CAUSES = {
    "K_HOLE": {"NO_COVERAGE": 7, "WEAK_SIGNAL": 2, "DROPPED_CALL": 1},
    "K_WEAK": {"WEAK_SIGNAL": 5, "UNSTABLE_SIGNAL": 2, "CHOPPY_VOICE": 1, "SLOW_DATA": 2},
    "K_NODOM": {"UNSTABLE_SIGNAL": 5, "DROPPED_CALL": 3, "CHOPPY_VOICE": 2},
    "K_OVERSHOOT": {"DROPPED_CALL": 5, "UNSTABLE_SIGNAL": 3, "WEAK_SIGNAL": 2},
    "K_INDOOR": {"INDOOR_COVERAGE": 8, "WEAK_SIGNAL": 2},
    "K_NBR": {"DROPPED_CALL": 9, "UNSTABLE_SIGNAL": 1},
    "K_ULINTF": {"DROPPED_CALL": 3, "ACCESS_FAILURE": 3, "ONE_WAY_AUDIO": 2, "CHOPPY_VOICE": 2},
    "K_CONG": {"SLOW_DATA": 7, "ACCESS_FAILURE": 3},
    "K_ACCESS": {"ACCESS_FAILURE": 9, "NOT_IN_SERVICE_MSG": 1},
    "K_TX": {"CHOPPY_VOICE": 9, "SLOW_DATA": 1},
    "K_TERM": {"SLOW_DATA": 3, "DROPPED_CALL": 3, "WEAK_SIGNAL": 2, "NO_COVERAGE": 2},
    "K_OUTAGE": {"NO_COVERAGE": 6, "ACCESS_FAILURE": 2, "SLOW_DATA": 2},
    "K_ENERGY": {"SLOW_DATA": 4, "WEAK_SIGNAL": 3, "NO_COVERAGE": 2, "UNSTABLE_SIGNAL": 1},
    "K_PCI": {"UNSTABLE_SIGNAL": 3, "DROPPED_CALL": 3, "SLOW_DATA": 4},
    "K_ECHO": {"ECHO": 9, "CHOPPY_VOICE": 1},
}
USUAL = {
    "SLOW_DATA": 30, "WEAK_SIGNAL": 18, "DROPPED_CALL": 12, "UNSTABLE_SIGNAL": 8, "ACCESS_FAILURE": 8,
    "NO_COVERAGE": 6, "INDOOR_COVERAGE": 8, "CHOPPY_VOICE": 4, "ONE_WAY_AUDIO": 2, "ECHO": 2, "NOT_IN_SERVICE_MSG": 2,
}  # fmt: skip
WORDS = {
    "NO_COVERAGE": ("这里完全没信号", "显示无服务", "no service here at all"),
    "WEAK_SIGNAL": ("信号很弱只有一格", "only one bar", "信号差得很"),
    "UNSTABLE_SIGNAL": ("信号忽强忽弱", "信号时有时无", "bars jump up and down"),
    "DROPPED_CALL": ("打着打着就断了", "总是掉话", "calls keep cutting off"),
    "ACCESS_FAILURE": ("有信号打不出去", "拨号没反应", "full bars but can't call out"),
    "ONE_WAY_AUDIO": ("对方听不到我说话", "they can't hear me"),
    "ECHO": ("打电话能听到自己说话", "通话有回音，听到自己的声音", "I hear myself back"),
    "CHOPPY_VOICE": ("通话断断续续", "声音一卡一卡", "voice is choppy"),
    "NOT_IN_SERVICE_MSG": ("有信号却提示不在服务区", "callers hear out of service"),
    "SLOW_DATA": ("上网慢", "网页打不开", "视频一直转圈", "internet is crawling"),
    "INDOOR_COVERAGE": ("屋里没信号，外面正常", "no signal indoors, fine outside"),
}
MODELS = [f"{brand} {number}" for brand in ("Nova", "Mate", "Reno", "Find", "K") for number in (20, 30, 40, 60)]
VOICE_RISE = {"K_NBR": 4.0, "K_ULINTF": 4.0, "K_PCI": 2.0, "K_OVERSHOOT": 1.8, "K_NODOM": 1.8}


@dataclass
class Problem:
    """One planted trouble: where, when, which cells."""

    cause: str
    x: float
    y: float
    radius: float
    start: datetime
    end: datetime
    cells: list[int] = field(default_factory=list)


class City:
    """Ground, people, masts and the levels between them."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 77])
        # Every third city suffers from its troubles all along; every second counts by the day only.
        self.chronic, self.daily = seed % 3 == 0, seed % 2 == 0
        self.lat0, self.lon0 = self.rng.uniform(24, 38), self.rng.uniform(101, 117)
        self.people_xy, self.people = self._settle()
        self.cells = self._masts()
        self.problems = self._plant()
        self._bumps = [(self.rng.uniform(0, SIDE_M, 2), self.rng.uniform(150, 700), self.rng.normal(0, 5))
                       for _ in range(260)]  # fmt: skip

    def latlon(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lat = self.lat0 + np.asarray(y) / 111_195.0
        return lat, self.lon0 + np.asarray(x) / (111_195.0 * np.cos(np.radians(self.lat0)))

    def _settle(self) -> tuple[np.ndarray, np.ndarray]:
        centres = self.rng.uniform(0.08 * SIDE_M, 0.92 * SIDE_M, (45, 2))
        share = self.rng.pareto(1.6, 45) + 0.4
        which = self.rng.choice(45, 3500, p=share / share.sum())
        xy = centres[which] + self.rng.normal(0, 1, (3500, 2)) * self.rng.uniform(150, 600, 45)[which][:, None]
        xy = np.clip(xy, 0, SIDE_M)
        return xy, np.ceil(self.rng.lognormal(3.0, 0.8, 3500))

    def _masts(self) -> pd.DataFrame:
        sites: list[np.ndarray] = []
        for xy in self.people_xy[self.rng.permutation(len(self.people_xy))]:
            gap = self.rng.uniform(550, 1100)
            if all(np.hypot(*(xy - other)) > gap for other in sites):
                sites.append(xy + self.rng.normal(0, 40, 2))
        rows = []
        for number, (x, y) in enumerate(sites):
            count = int(self.rng.choice([1, 2, 3], p=[0.12, 0.18, 0.7]))
            turn, height = self.rng.uniform(0, 360), float(self.rng.uniform(18, 48))
            rows += [(number, k, x, y, count, (turn + 360 / count * k) % 360, height) for k in range(count)]
        cells = pd.DataFrame(rows, columns=["site", "sector", "x", "y", "count", "azimuth", "height"])
        cells["cgi"] = [f"460-11-{71000 + s}-{c + 11}" for s, c in zip(cells["site"], cells["sector"], strict=True)]
        cells["pci"] = (cells["site"] * 7 + cells["sector"]) % 504
        cells["power"] = self.rng.normal(15.0, 1.0, len(cells))
        cells["tilt"] = self.rng.integers(3, 9, len(cells))
        return cells

    def levels(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """RSRP of every cell at every point, (points, cells), troubles included."""
        c = self.cells
        dx, dy = x[:, None] - c["x"].to_numpy(), y[:, None] - c["y"].to_numpy()
        distance = np.maximum(np.hypot(dx, dy), 25.0)
        turned = np.radians(np.degrees(np.arctan2(dx, dy)) - c["azimuth"].to_numpy())
        shape = np.maximum(np.abs(np.cos(turned / 2)) ** 1.5, 0.06)
        beam = np.where(c["count"].to_numpy() == 1, -3.0, 20 * np.log10(shape))
        loss = 38.0 + 33.5 * np.log10(distance)
        shadow = sum(depth * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * width**2))
                     for at, width, depth in self._bumps)  # fmt: skip
        level = c["power"].to_numpy() + 15.0 + beam - loss + np.asarray(shadow)[:, None] - 6.0
        for problem in self.problems:
            self._trouble(problem, x, y, level)
        return level

    def _trouble(self, p: Problem, x: np.ndarray, y: np.ndarray, level: np.ndarray) -> None:
        away = np.hypot(x - p.x, y - p.y) / p.radius
        inside = np.flatnonzero(away < 1.15)
        if not len(inside):
            return
        best = level[inside].max(axis=1)
        if p.cause in ("K_HOLE", "K_WEAK"):
            target = -126.0 if p.cause == "K_HOLE" else -115.0
            level[inside] += np.minimum(target - best, 0.0)[:, None]
        elif p.cause == "K_NODOM":
            level[np.ix_(inside, p.cells)] = best[:, None] - 1.5 + self.rng.normal(0, 1.6, (len(inside), len(p.cells)))
        elif p.cause == "K_OVERSHOOT":
            level[np.ix_(inside, p.cells)] = best[:, None] + 4.0
        elif p.cause == "K_PCI":
            level[np.ix_(inside, p.cells)] = np.maximum(level[np.ix_(inside, p.cells)], best[:, None] - 2.0)
        fine = p.cause not in ("K_HOLE", "K_WEAK")
        if fine:  # the planted cause is not to be confused with a weak place that happens to be there
            level[inside] += np.maximum(-97.0 - level[inside].max(axis=1), 0.0)[:, None]

    def _plant(self) -> list[Problem]:
        wanted = list(self.rng.permutation(list(CAUSES))[:11])
        problems: list[Problem] = []
        for i in self.rng.permutation(len(self.people_xy)):
            x, y = self.people_xy[i]
            near = np.hypot(self.people_xy[:, 0] - x, self.people_xy[:, 1] - y) < 450
            apart = all(np.hypot(x - p.x, y - p.y) > 2300 for p in problems)
            if not wanted or not apart or self.people[near].sum() < 300:
                continue
            problems.append(self._problem(str(wanted.pop()), float(x), float(y)))
        return problems

    def _problem(self, cause: str, x: float, y: float) -> Problem:
        first = int(self.rng.integers(30, 44))
        days = {"K_OUTAGE": 2, "K_TERM": 14}.get(cause, int(self.rng.integers(12, 19)))
        if self.chronic and cause not in ("K_OUTAGE", "K_TERM"):
            first, days = 1, DAYS - 2
        start = BEGIN + timedelta(days=first, hours=int(self.rng.integers(0, 24)))
        found = Problem(cause, x, y, float(self.rng.uniform(350, 520)), start, start + timedelta(days=days))
        c = self.cells
        away = np.hypot(c["x"] - x, c["y"] - y).to_numpy()
        order = np.argsort(away, kind="stable")
        near_sites = list(dict.fromkeys(c["site"].iloc[order]))
        if cause == "K_OVERSHOOT":
            far = order[(away[order] > 2600) & (away[order] < 4500)]
            found.cells = [int(far[0])]
            c.loc[far[0], ["height", "tilt"]] = [55.0, 1]
        elif cause == "K_NODOM":
            found.cells = [int(c.index[c["site"] == s][0]) for s in near_sites[:5]]
        elif cause == "K_PCI":
            pair = [int(c.index[c["site"] == s][0]) for s in near_sites[:2]]
            found.cells = pair
            c.loc[pair[1], "pci"] = c.loc[pair[0], "pci"] + 3
        elif cause == "K_NBR":
            found.cells = [int(c.index[c["site"] == s][0]) for s in near_sites[:2]]
        else:
            found.cells = [int(i) for i in c.index[c["site"] == near_sites[0]]]
        return found


def _move_to_best(city: City) -> None:
    """Cells of counters' troubles are those that really serve there."""
    for p in city.problems:
        if p.cause in ("K_ULINTF", "K_CONG", "K_ACCESS", "K_TX", "K_OUTAGE", "K_ENERGY", "K_NBR", "K_PCI"):
            near = np.hypot(city.people_xy[:, 0] - p.x, city.people_xy[:, 1] - p.y) < p.radius
            best = city.levels(*city.people_xy[near].T).argmax(axis=1)
            count = np.bincount(best, weights=city.people[near], minlength=len(city.cells))
            if p.cause in ("K_NBR", "K_PCI"):
                p.cells = [int(i) for i in np.argsort(-count)[:2]]
                if p.cause == "K_PCI":
                    city.cells.loc[p.cells[1], "pci"] = (city.cells.loc[p.cells[0], "pci"] + 3) % 504
            elif p.cause in ("K_OUTAGE", "K_ENERGY", "K_TX"):
                p.cells = [
                    int(i) for i in city.cells.index[city.cells["site"] == city.cells["site"].iloc[count.argmax()]]
                ]
            else:
                p.cells = [int(i) for i in np.flatnonzero(count > 0.12 * count.sum())]


def complaints(city: City) -> pd.DataFrame:
    """Contacts: a background that follows the people, and those of the troubles."""
    rng, rows = city.rng, []
    weight = city.people / city.people.sum()
    for i in rng.choice(len(weight), 1000, p=weight):
        moment = BEGIN + timedelta(days=float(rng.uniform(0, DAYS)))
        moment = moment.replace(hour=_hour(rng, rng.choice(["day", "evening"])))
        rows.append(_contact(city, *city.people_xy[i], moment, _draw(rng, USUAL), None))
    for p in city.problems:
        near = np.flatnonzero(np.hypot(city.people_xy[:, 0] - p.x, city.people_xy[:, 1] - p.y) < 0.9 * p.radius)
        chosen = rng.choice(near, int(rng.integers(22, 42)), p=city.people[near] / city.people[near].sum())
        mix = CAUSES[p.cause]
        rows += [_contact(city, *city.people_xy[i], _when(rng, p), _draw(rng, mix), p) for i in chosen]
    frame = pd.DataFrame(rows).sort_values("accepted_at", ignore_index=True)
    frame.insert(0, "ticket_no", [f"XH{n:06d}" for n in range(len(frame))])
    return frame


def _when(rng: np.random.Generator, p: Problem) -> datetime:
    moment = p.start + (p.end - p.start) * float(rng.uniform(0, 1))
    if p.cause == "K_OUTAGE":
        return moment
    if p.cause == "K_ENERGY" and rng.random() < 0.85:
        return moment.replace(hour=int(rng.integers(1, 5)))
    return moment.replace(hour=_hour(rng, "evening" if p.cause == "K_CONG" and rng.random() < 0.75 else "day"))


def _hour(rng: np.random.Generator, part: str) -> int:
    return int(rng.integers(19, 23)) if part == "evening" else int(rng.integers(7, 23))


def _draw(rng: np.random.Generator, mix: dict[str, int]) -> str:
    weights = np.array(list(mix.values()), float)
    return str(rng.choice(list(mix), p=weights / weights.sum()))


def _contact(city: City, x: float, y: float, moment: datetime, code: str, p: Problem | None) -> dict[str, object]:
    rng = city.rng
    lat, lon = city.latlon(x + rng.normal(0, 45), y + rng.normal(0, 45))
    batch = p is not None and p.cause == "K_TERM"
    indoors = p is not None and p.cause == "K_INDOOR"
    return {
        "accepted_at": (moment + timedelta(minutes=float(rng.uniform(5, 50)))).isoformat(timespec="seconds"),
        "occurred_from": moment.isoformat(timespec="seconds"), "customer_key": f"u{rng.integers(10**9):09d}",
        "class": code if rng.random() < 0.6 else "", "text": str(rng.choice(WORDS[code])),
        "lat": round(float(lat), 6), "lon": round(float(lon), 6), "radius_m": int(rng.choice([40, 80, 120, 180])),
        "indoor": "true" if rng.random() < (0.92 if indoors else 0.35) else "false",
        "terminal_model": "Moto Z9" if batch and rng.random() < 0.85 else str(rng.choice(MODELS)),
        "other_phone_ok": ("true" if rng.random() < (0.9 if batch else 0.25) else "false")
        if rng.random() < 0.3 else "",
    }  # fmt: skip


def measurements(city: City, count: int = 45_000) -> pd.DataFrame:
    """Reports of phones where people are, with the serving cell, level, quality and timing."""
    rng = city.rng
    chosen = rng.choice(len(city.people), count, p=city.people / city.people.sum())
    x, y = city.people_xy[chosen].T + rng.normal(0, 70, (2, count))
    level = city.levels(x, y) + rng.normal(0, 1.2, (count, len(city.cells)))
    best = level.argmax(axis=1)
    strongest = level[np.arange(count), best]
    power = 10 ** (level / 10)
    others = power.sum(axis=1) - power[np.arange(count), best]
    sinr = strongest - 10 * np.log10(0.35 * others + 10**-12.4)
    indoor = rng.random(count) < 0.2
    for p in city.problems:
        inside = np.hypot(x - p.x, y - p.y) < p.radius
        if p.cause == "K_PCI":
            sinr = np.where(inside, rng.normal(-3.0, 1.5, count), sinr)
        if p.cause == "K_INDOOR":
            strongest = np.where(inside & indoor, rng.normal(-121, 3, count), strongest)
    normal = indoor & ~np.any([np.hypot(x - p.x, y - p.y) < p.radius for p in city.problems if p.cause == "K_INDOOR"]
                              or [np.zeros(count, bool)], axis=0)  # fmt: skip
    strongest = np.where(normal, strongest - rng.normal(11, 4, count), strongest)
    kept = strongest > -131
    lat, lon = city.latlon(x, y)
    gap = np.hypot(x - city.cells["x"].to_numpy()[best], y - city.cells["y"].to_numpy()[best])
    days = rng.uniform(DAYS - 24, DAYS, count)
    frame = pd.DataFrame({
        "time": pd.Timestamp(BEGIN) + pd.to_timedelta(days, unit="D"), "lat": lat.round(6), "lon": lon.round(6),
        "rsrp_dbm": (strongest + rng.normal(0, 2.0, count)).round(1), "cgi": city.cells["cgi"].to_numpy()[best],
        "rat": "LTE", "sinr_db": np.clip(sinr + rng.normal(0, 1.5, count), -15, 30).round(1),
        "source": rng.choice(["MDT", "MR", "APP"], count), "device": [f"d{n}" for n in rng.integers(0, 4000, count)],
        "indoor": indoor, "ta_m": (gap + rng.normal(0, 60, count)).clip(0).round(),
    })  # fmt: skip
    return frame[kept].sort_values("time", ignore_index=True)


def kpis(city: City) -> pd.DataFrame:
    """Hourly counters with the city's own baselines, bent where a trouble bends them."""
    rng, n, hours = city.rng, len(city.cells), DAYS * 24
    hour = np.arange(hours) % 24
    shape = 0.25 + 0.75 * np.clip(np.sin((hour - 6) / 17 * np.pi), 0, 1) ** 0.7
    busy = rng.uniform(0.25, 0.6, n)[:, None] * shape + rng.normal(0, 0.03, (n, hours))
    size = rng.lognormal(6.2, 0.5, n)[:, None]
    tables: dict[str, np.ndarray] = {}
    attempts = rng.poisson(size * shape)
    fail = {name: np.full((n, hours), rate) * rng.lognormal(0, 0.25, n)[:, None] for name, rate in (
        ("rrc", 0.006), ("bearer", 0.004), ("abn", 0.0045), ("q1", 0.005), ("q1abn", 0.004), ("ho", 0.012),
        ("ul", 0.0012), ("dl", 0.0009))}  # fmt: skip
    interference = rng.normal(-116.5, 0.8, n)[:, None] + rng.normal(0, 0.9, (n, hours))
    on = np.ones((n, hours))
    for p in city.problems:
        _bend(p, city, fail, busy, interference, on)
    attempts = (attempts * (on > 0)).astype(np.int64)
    voice = rng.binomial(attempts, 0.22)

    def hits(total: np.ndarray, rate: np.ndarray) -> np.ndarray:
        return rng.binomial(total, np.clip(rate, 0, 1))

    tables |= {"rrc_att": attempts, "rrc_succ": attempts - hits(attempts, fail["rrc"]), "bearer_att": attempts}
    tables |= {"bearer_succ": attempts - hits(attempts, fail["bearer"]), "all_rel": attempts}
    tables |= {"abn_rel": hits(attempts, fail["abn"]), "qci1_att": voice, "qci1_all_rel": voice}
    tables |= {"qci1_succ": voice - hits(voice, fail["q1"]), "qci1_abn_rel": hits(voice, fail["q1abn"])}
    handovers = rng.binomial(attempts, 0.6)
    tables |= {"ho_att": handovers, "ho_succ": handovers - hits(handovers, fail["ho"])}
    for side in ("ul", "dl"):
        packets = voice * 2400
        tables |= {f"qci1_{side}_pkt": packets, f"qci1_{side}_lost": hits(packets, fail[side])}
    tables |= {"prb_dl": np.clip(busy, 0, 1) * (on > 0), "prb_ul": np.clip(0.5 * busy, 0, 1) * (on > 0)}
    tables |= {"users_max": rng.poisson(size * shape / 9) * (on > 0), "ul_interf_dbm": interference}
    tables |= {"dl_gb": np.clip(busy, 0, 1) * 9 * (on > 0), "avail_s": 3600 * on}
    start = pd.Timestamp(BEGIN) + pd.to_timedelta(np.arange(hours), unit="h")
    frame = pd.DataFrame({name: np.round(values, 3).ravel() for name, values in tables.items()})
    frame.insert(0, "cgi", np.repeat(city.cells["cgi"].to_numpy(), hours))
    frame.insert(1, "start", np.tile(start, n))
    frame.insert(2, "granularity", "hour")
    return _by_day(frame) if city.daily else frame


def _by_day(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts summed and levels averaged over the day, as a poorer counter system gives them."""
    levels = dict.fromkeys(("prb_dl", "prb_ul", "ul_interf_dbm"), "mean") | {"users_max": "max"}
    how = {name: levels.get(name, "sum") for name in frame.columns[3:]}
    days = frame.groupby([frame["cgi"], frame["start"].dt.normalize()], sort=False).agg(how).reset_index()
    days.insert(2, "granularity", "day")
    return days.round(4)


def _bend(p: Problem, city: City, fail: dict[str, np.ndarray], busy: np.ndarray, interference: np.ndarray,
          on: np.ndarray) -> None:  # fmt: skip
    rng = city.rng
    first, last = (int((moment - BEGIN) / timedelta(hours=1)) for moment in (p.start, p.end))
    span = slice(max(first, 0), min(last, on.shape[1]))
    for cell in p.cells:
        factor = VOICE_RISE.get(p.cause, 1.0)
        fail["abn"][cell, span] *= factor
        fail["q1abn"][cell, span] *= factor
        if p.cause == "K_NBR":
            fail["ho"][cell, span] += 0.10
        if p.cause == "K_ULINTF":
            interference[cell, span] += rng.uniform(18, 24)
            for name in ("rrc", "bearer", "q1"):
                fail[name][cell, span] += 0.02
        if p.cause == "K_CONG":
            busy[cell, span] = np.clip(busy[cell, span] * 1.1 + 0.45, 0, 0.99)
            fail["rrc"][cell, span] += 0.015
        if p.cause == "K_ACCESS":
            fail["rrc"][cell, span] += rng.uniform(0.05, 0.1)
            fail["bearer"][cell, span] += rng.uniform(0.03, 0.06)
        if p.cause == "K_TX":
            fail["ul"][cell, span] += 0.02
            fail["dl"][cell, span] += 0.025
        if p.cause == "K_OUTAGE":
            on[cell, span] = 0
        if p.cause == "K_ENERGY":
            hours = np.arange(span.start, span.stop)
            on[cell, hours[np.isin(hours % 24, [1, 2, 3, 4])]] = 0


def network(city: City) -> dict[str, pd.DataFrame]:
    """Cells, neighbours, alarms, shutdown windows, exposure, planned sites."""
    rng, c = city.rng, city.cells
    lat, lon = city.latlon(c["x"].to_numpy(), c["y"].to_numpy())
    cells = pd.DataFrame({
        "cgi": c["cgi"], "cell_name": [f"XH_{s:03d}_{k}" for s, k in zip(c["site"], c["sector"], strict=True)],
        "site_id": [f"XH{s:03d}" for s in c["site"]], "lat": lat.round(6), "lon": lon.round(6), "rat": "LTE",
        "arfcn": 300, "bandwidth_mhz": 15, "pci": c["pci"], "tac": 8200 + (c["x"] > SIDE_M / 2).astype(int),
        "height_m": c["height"].round(1), "azimuth_deg": c["azimuth"].round().mod(360).where(c["count"] > 1),
        "mech_tilt_deg": 1, "elec_tilt_deg": c["tilt"], "hbw_deg": 65, "vbw_deg": 8, "gain_dbi": 16,
        "rs_power_dbm": c["power"].round(1), "site_type": "macro", "status": "active",
    })  # fmt: skip
    rows = []
    broken = {tuple(sorted(p.cells[:2])) for p in city.problems if p.cause == "K_NBR"}
    for i in range(len(c)):
        away = np.hypot(c["x"] - c["x"].iloc[i], c["y"] - c["y"].iloc[i]).to_numpy()
        for j in [k for k in np.argsort(away, kind="stable")[:17] if k != i]:
            gone = tuple(sorted((i, int(j)))) in broken
            if gone or rng.random() < 0.04:
                continue
            attempts = int(rng.poisson(400))
            rows.append((c["cgi"].iloc[i], c["cgi"].iloc[j], attempts, int(rng.binomial(attempts, 0.985)), "true"))
    alarms = [(str(rng.choice(cells["site_id"])), "TEMP-HIGH", "minor", BEGIN + timedelta(days=float(d)),
               BEGIN + timedelta(days=float(d) + 0.1), "false", "false") for d in rng.uniform(0, DAYS, 40)]  # fmt: skip
    windows = [(str(g), "01:00", "05:00", "carrier") for g in rng.choice(cells["cgi"], len(c) // 8, replace=False)]
    for p in city.problems:
        if p.cause == "K_OUTAGE":
            site = str(cells["site_id"].iloc[p.cells[0]])
            alarms.append((site, "POWER-LOST", "critical", p.start, p.end, "true", "false"))
        if p.cause == "K_ENERGY":
            windows += [(str(cells["cgi"].iloc[k]), "01:00", "05:00", "deep_sleep") for k in p.cells]
    alarm_names = ["object_key", "code", "severity", "raised_at", "cleared_at", "service_affecting", "planned_work"]
    where = city.latlon(*city.people_xy.T)
    exposure = pd.DataFrame({"lat": where[0].round(5), "lon": where[1].round(5), "customers": city.people.astype(int)})
    return {
        "cells": cells,
        "neighbours": pd.DataFrame(rows, columns=["src_cgi", "dst_cgi", "ho_att", "ho_succ", "defined"]),
        "alarms": pd.DataFrame(alarms, columns=alarm_names),
        "energy-windows": pd.DataFrame(windows, columns=["cgi", "from_local", "to_local", "mode"]).drop_duplicates(
            "cgi", keep="last"
        ),
        "exposure": exposure.groupby(["lat", "lon"], as_index=False).sum(),
    }


def write(folder: Path, seed: int) -> None:
    """One city in the import formats, with ``truth.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    city = City(seed)
    _move_to_best(city)
    complaints(city).to_csv(folder / "complaints.csv", index=False)
    for name, frame in network(city).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    measurements(city).to_parquet(folder / "measurements.parquet")
    kpis(city).to_parquet(folder / "kpis.parquet")
    truth = []
    for number, p in enumerate(city.problems, 1):
        lat, lon = city.latlon(p.x, p.y)
        truth.append({
            "id": f"P{number:02d}", "cause": p.cause, "classes": list(CAUSES[p.cause]), "lat": float(lat),
            "lon": float(lon), "radius_m": p.radius, "from": p.start.isoformat(), "to": p.end.isoformat(),
            "cells": city.cells["cgi"].iloc[p.cells].tolist(),
        })  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
