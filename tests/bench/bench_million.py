"""A million complaints from a CSV to a database: stored, classified, located. Against the obvious notebook loop.

Run: ``python tests/bench/bench_million.py [ROWS …]`` (default: the quick form, 10,000 and 100,000 rows;
``--full`` adds 1,000,000). Half of the rows carry a text (Chinese or English, nearly all distinct, 5 % with a
telephone number in it), 20 % only an address (of 2,500 places; a tenth misspelt, with house numbers), a
third the serving cell, 5 % are dirty.

Every size runs in a process of its own, which forks its workers. Seconds are given as wall clock and as processor
time of all processes together. Memory is the greatest sum over the process tree of proportional set sizes
(``tree_memory.py``: a page that several processes share counts once), sampled five times a second, libraries
included. The loop is what a notebook does with pandas, h3 and sqlite3; it runs on a sample of the same rows and is
extrapolated in proportion.
"""

from __future__ import annotations

import hmac
import json
import resource
import sqlite3
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.tree_memory import run_watched  # noqa: E402
from tests.locate import places  # noqa: E402

SAMPLE = 5_000
CELLS = 2_000
ZH = (
    "在家一格信号都没有", "打着打着就断了", "对方听不到我说话", "通话断断续续听不清", "上网慢网页打不开",
    "电梯里没信号", "话费扣多了", "满格也打不出去", "信号时有时无", "打电话有回音",
    "别人打我说不在服务区", "地下车库没有网络", "到国外没信号", "换个手机就好了", "视频一直转圈",
    "信号只有一两格", "总是掉话", "流量用完限速了", "屋里信号差要到窗边", "微信发不出去图片",
)  # fmt: skip
EN = (
    "calls keep cutting off", "no service at all here", "they can't hear me", "the internet is crawling",
    "weak signal upstairs", "there's an echo on the line", "voice is choppy", "full bars but can't call out",
    "callers hear out of service", "no signal in the lift", "I was overcharged", "signal comes and goes",
    "works in another phone", "no network abroad", "pages won't load in the evening",
)  # fmt: skip
ZH_BEFORE = (
    "",
    "你好，",
    "我想反映一下，",
    "麻烦处理一下，",
    "最近",
    "这几天",
    "自从上周起",
    "每天晚上",
    "不知道为什么",
)
EN_BEFORE = ("", "hello, ", "please fix this: ", "for a week now ", "every evening ", "since the update ", "again ")
ZH_PLACES = ("小区门口", "地铁站里", "办公楼三层", "卧室", "停车场", "学校附近", "高速上", "厨房", "公司")
EN_PLACES = ("at home", "in the car park", "near the station", "in my office", "on the highway", "in the kitchen")


def _add(*parts: object) -> np.ndarray:
    total: object = ""
    for part in parts:
        total = np.char.add(total, part)
    return np.asarray(total)


def _texts(rng: np.random.Generator, rows: int) -> np.ndarray:
    days, number = rng.integers(1, 90, rows).astype(str), rng.integers(0, 10**9, rows).astype(str)
    zh_place, en_place = rng.choice(ZH_PLACES, rows), rng.choice(EN_PLACES, rows)
    zh = _add(rng.choice(ZH_BEFORE, rows), "第", days, "天在", zh_place, rng.choice(ZH, rows), "，编号", number)
    en = _add(rng.choice(EN_BEFORE, rows), rng.choice(EN, rows), " ", en_place, ", ref ", number)
    text = np.where(rng.random(rows) < 0.5, zh, en)
    phone = _add("，联系13", rng.integers(100_000_000, 999_999_999, rows).astype(str))
    text = np.where(rng.random(rows) < 0.05, _add(text, phone), text)
    return np.where(rng.random(rows) < 0.5, text, "")


def _addresses(rng: np.random.Generator, rows: int, city: pd.DataFrame) -> np.ndarray:
    fine = city[~city["kind"].isin(["city", "district"])]
    pick = rng.integers(0, len(fine), rows)
    names = fine["name"].to_numpy(object)
    chosen = names[pick]
    for i in np.flatnonzero(rng.random(rows) < 0.02).tolist():  # of all rows: a tenth of those with an address
        chosen[i] = places.misspell_han(str(chosen[i]), rng)
    chosen = chosen.astype(str)
    district = fine["admin"].str.split("|").str[0].to_numpy(object)[pick].astype(str)
    return _add(np.where(rng.random(rows) < 0.5, district, ""), chosen, rng.integers(1, 300, rows).astype(str), "号")


def write_inputs(folder: Path, rows: int, seed: int = 7) -> None:
    """``complaints.csv``, ``cells.csv`` and ``gazetteer.csv``."""
    rng = np.random.default_rng(seed)
    city = places.chinese_city()
    city.to_csv(folder / "gazetteer.csv", index=False)
    site = rng.integers(0, CELLS // 3, CELLS)
    cell_lat, cell_lon = 22.6 + rng.normal(0, 0.1, CELLS)[site], 114.05 + rng.normal(0, 0.15, CELLS)[site]
    cgi = _add("460-00-", np.arange(CELLS).astype(str), "-1")
    cells = {"cgi": cgi, "lat": cell_lat, "lon": cell_lon, "rat": "LTE", "azimuth_deg": rng.integers(0, 360, CELLS)}
    pd.DataFrame(cells).to_csv(folder / "cells.csv", index=False)
    with (folder / "complaints.csv").open("w", encoding="utf-8", newline="") as file:
        for first in range(0, rows, 100_000):
            part = _complaints(rng, np.arange(first, min(first + 100_000, rows)), city, cgi)
            part.to_csv(file, index=False, header=first == 0)


def _complaints(rng: np.random.Generator, number: np.ndarray, city: pd.DataFrame, cgi: np.ndarray) -> pd.DataFrame:
    rows = len(number)
    text = _texts(rng, rows)
    label = np.where(text == "", rng.choice(["WEAK_SIGNAL", "DROPPED_CALL", "SLOW_DATA"], rows), "")
    stamp = pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 90 * 86_400, rows), unit="s")
    lat = (22.6 + rng.normal(0, 0.1, rows)).round(6).astype(str)
    lon = (114.05 + rng.normal(0, 0.15, rows)).round(6).astype(str)
    address, dirty = rng.random(rows) < 0.2, rng.random(rows) < 0.05
    wrong = rng.integers(0, 3, rows)
    phone = _add(
        "1", rng.choice(["38", "39", "59", "86"], rows), rng.integers(10_000_000, 99_999_999, rows).astype(str)
    )
    return pd.DataFrame(
        {
            "工单号": _add("T", number.astype(str)),
            "受理时间": np.where(dirty & (wrong == 0), "03/04/2026", stamp.strftime("%Y-%m-%d %H:%M:%S")),
            "用户号码": np.where(dirty & (wrong == 2), "不详", phone),
            "投诉内容": text,
            "问题类型": label,
            "投诉地点": np.where(address, _addresses(rng, rows, city), ""),
            "纬度": np.where(address, "", np.where(dirty & (wrong == 1), lon, lat)),
            "经度": np.where(address, "", np.where(dirty & (wrong == 1), lat, lon)),
            "服务小区": np.where((rng.random(rows) < 0.33) & ~address, rng.choice(cgi, rows), ""),
            "终端型号": rng.choice(["Mate 60", "iPhone 15", "小米14"], rows),
        }
    )


def ours(folder: Path) -> dict[str, float]:
    """Import everything in this process; places and cells are on file before the clock starts."""
    from geoservice.service import open_service

    service = open_service(f"sqlite:///{folder}/geo.db", folder)
    service.import_file("gazetteer", folder / "gazetteer.csv")
    service.import_file("cells", folder / "cells.csv")
    before, started = _processor_s(), perf_counter()
    report = service.import_file("complaints", folder / "complaints.csv")
    seconds, processor = perf_counter() - started, _processor_s() - before
    located = service.store.count("fixes", [service.store.column("fixes", "source") != "none"])
    service.close()
    size = (folder / "geo.db").stat().st_size / 1e6
    return {"seconds": seconds, "processor": processor, "taken": report.taken, "rejected": report.rejected,
            "fixes": located, "database_mb": size}  # fmt: skip


def _processor_s() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def loop(folder: Path) -> float:
    """The obvious notebook: one read, row functions, substring look-up of places, h3-py, sqlite3; processor seconds."""
    import h3

    frame = pd.read_csv(folder / "complaints.csv", dtype=str, keep_default_na=False, nrows=SAMPLE)
    known = dict(pd.read_csv(folder / "gazetteer.csv")[["name", "lat"]].to_numpy())
    lons = dict(pd.read_csv(folder / "gazetteer.csv")[["name", "lon"]].to_numpy())
    started = process_time()
    rows = []
    for _, row in frame.iterrows():
        time = pd.to_datetime(row["受理时间"], errors="coerce")
        key = hmac.new(b"bench" * 8, row["用户号码"].encode(), "sha256").hexdigest()
        kind = next((word for word in (*ZH, *EN) if word in row["投诉内容"]), row["问题类型"])
        lat, lon = (float(row["纬度"]), float(row["经度"])) if row["纬度"] else (None, None)
        if lat is None:
            name = next((name for name in known if name in row["投诉地点"]), None)
            lat, lon = known.get(name), lons.get(name)
        hex_ = h3.latlng_to_cell(lat, lon, 9) if lat is not None and abs(lat) <= 90 else None
        rows.append((row["工单号"], str(time), key, row["投诉内容"], kind, lat, lon, hex_))
    with sqlite3.connect(folder / "loop.db") as database:
        database.execute("CREATE TABLE c (ticket PRIMARY KEY, time, customer, text, class, lat, lon, hex)")
        database.executemany("INSERT OR REPLACE INTO c VALUES (?,?,?,?,?,?,?,?)", rows)
    return process_time() - started


def measure(rows: int) -> tuple[dict[str, float], float]:
    """(figures of ours, processor seconds of the loop for as many rows)."""
    with tempfile.TemporaryDirectory() as name:
        write_inputs(Path(name), rows)
        found, peak_mb = run_watched([__file__, "--one", name], ROOT)
        return {**found, "peak_mb": peak_mb}, loop(Path(name)) * rows / min(rows, SAMPLE)


def main(sizes: list[int]) -> None:
    print("     rows   wall s  processor s   rows/s cpu  peak PSS MB   taken    rejected  database  loop cpu s   ratio")
    for rows in sizes:
        found, rival = measure(rows)
        stated = f"{rival:9.0f}" + ("*" if rows > SAMPLE else " ")
        print(
            f"{rows:>9,} {found['seconds']:8.1f} {found['processor']:12.1f} {rows / found['processor']:12,.0f} "
            f"{found['peak_mb']:12,.0f} {found['taken']:9,.0f} {found['rejected']:9,.0f} "
            f"{found['database_mb']:7,.0f} MB {stated} {rival / found['processor']:8.1f}",
            flush=True,
        )
    print(f"* the loop ran on {SAMPLE:,} rows and is extrapolated in proportion")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        print(json.dumps(ours(Path(arguments[1]))))
    else:
        chosen = [int(a) for a in arguments if a.isdigit()]
        main(chosen or [10_000, 100_000, *([1_000_000] if "--full" in arguments else [])])
