"""Intake of complaints: ours against the obvious pandas loop, on the same generated file.

Run: ``python tests/bench/bench_intake.py [rows …]`` (10,000 and 100,000; a million takes minutes). Half of the
rows carry text (Chinese or English), 20 % an address only, 5 % are dirty.
Prints seconds, rows per second, peak memory and the ratio.
"""

from __future__ import annotations

import hashlib
import hmac
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from geoservice.intake import complaints_from_rows, read_rows
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS

SECRET = hashlib.sha256(b"bench").digest()
ZH = (
    "在家一格信号都没有",
    "打着打着就断了",
    "对方听不到我说话",
    "通话断断续续听不清",
    "上网慢网页打不开",
    "电梯里没信号",
    "话费扣多了",
)
EN = (
    "calls keep cutting off",
    "no service at all here",
    "they can't hear me",
    "internet is crawling",
    "weak signal upstairs",
)
ZH_PLACES = ("小区门口", "地铁站里", "办公楼三层", "卧室", "停车场")
EN_PLACES = ("at home", "in the car park", "near the station", "in my office")


def write_complaints(path: Path, rows: int, seed: int = 7) -> None:
    """A complaint export of ``rows`` records with distinct texts."""
    rng = np.random.default_rng(seed)
    number = np.arange(rows)
    zh, en = rng.choice(ZH, rows), rng.choice(EN, rows)
    days = rng.integers(1, 90, rows).astype(str)
    texts_zh = _add("从第", days, "天起", rng.choice(ZH_PLACES, rows), zh, "，", number.astype(str), "号")
    texts_en = _add("since ", days, " days ", rng.choice(EN_PLACES, rows), " ", en, ", case ", number.astype(str))
    text = np.where(rng.random(rows) < 0.5, texts_zh, texts_en)
    text = np.where(rng.random(rows) < 0.5, text, "")
    label = np.where(text == "", rng.choice(["WEAK_SIGNAL", "DROPPED_CALL", "SLOW_DATA"], rows), "")
    stamp = pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 90 * 86_400, rows), unit="s")
    lat, lon = (
        (30.6 + rng.normal(0, 0.1, rows)).round(6).astype(str),
        (104.1 + rng.normal(0, 0.1, rows)).round(6).astype(str),
    )
    address = rng.random(rows) < 0.2
    dirty = rng.random(rows) < 0.05
    frame = pd.DataFrame(
        {
            "工单号": _add("T", number.astype(str)),
            "受理时间": np.where(dirty & (number % 3 == 0), "03/04/2026", stamp.strftime("%Y-%m-%d %H:%M:%S")),
            "用户号码": _add(
                "1", rng.choice(["38", "39", "59", "86"], rows), rng.integers(10_000_000, 99_999_999, rows).astype(str)
            ),
            "投诉内容": text,
            "问题类型": label,
            "投诉地点": np.where(address, _add("建设路", days, "号"), ""),
            "纬度": np.where(address, "", np.where(dirty & (number % 3 == 1), lon, lat)),
            "经度": np.where(address, "", np.where(dirty & (number % 3 == 1), lat, lon)),
            "终端型号": rng.choice(["Mate 60", "iPhone 15", "小米14"], rows),
        }
    )
    frame.to_csv(path, index=False)


def _add(*parts: object) -> np.ndarray:
    total: object = ""
    for part in parts:
        total = np.char.add(total, part)
    return np.asarray(total)


def ours(path: Path) -> tuple[int, int]:
    taken = rejected = 0
    for chunk in read_rows(path, COMPLAINTS, ImportOptions()):
        done = complaints_from_rows(chunk, ImportOptions(), SECRET)
        taken, rejected = taken + len(done.complaints), rejected + len(done.rejects)
    return taken, rejected


def obvious(path: Path) -> int:
    """What a notebook does: one read, row functions; no classification, no masking, no accounting."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame["time"] = frame["受理时间"].apply(lambda t: pd.to_datetime(t, errors="coerce"))
    frame["key"] = frame["用户号码"].apply(lambda n: hmac.new(SECRET, n.encode(), "sha256").hexdigest())
    frame["lat"] = frame["纬度"].apply(lambda v: float(v) if v else None)
    frame["lon"] = frame["经度"].apply(lambda v: float(v) if v else None)
    frame["class"] = frame["投诉内容"].apply(lambda t: next((w for w in (*ZH, *EN) if w in t), ""))
    return len(frame)


def main(sizes: list[int]) -> None:
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "complaints.csv"
            write_complaints(path, rows)
            started = perf_counter()
            taken, rejected = ours(path)
            seconds = perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            started = perf_counter()
            obvious(path)
            rival = perf_counter() - started
        print(
            f"{rows:>9,} rows: {seconds:6.1f} s ({rows / seconds:,.0f}/s), taken {taken:,}, rejected {rejected:,}, "
            f"peak {peak:,.0f} MB; row-by-row pandas {rival:.1f} s, ratio {rival / seconds:.2f}"
        )


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [10_000, 100_000])
