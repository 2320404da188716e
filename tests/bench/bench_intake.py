"""Intake of complaints (read, clean, mask, classify, key): ours against the obvious pandas loop, on one generated file.

Run: ``python tests/bench/bench_intake.py [rows …]`` (default: 10,000 and 50,000 rows; ``--full`` adds 1,000,000).
Half of the rows carry text (Chinese or English), 20 % an address only, 5 % are dirty. Every size runs in a process
of its own. Prints seconds of wall clock and of the processor, rows per second, the peak of the process's
proportional set size (PSS, libraries included) and the ratio of processor times; the loop neither masks nor accounts
and its classification is a look for the phrases the texts were made of; it runs on 5,000 rows and is extrapolated.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from geoservice.intake import complaints_from_rows, read_rows  # noqa: E402
from geoservice.records import ImportOptions  # noqa: E402
from geoservice.tables import COMPLAINTS  # noqa: E402
from tests.bench.tree_memory import run_watched  # noqa: E402

SAMPLE = 5_000
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
    """What a notebook does: one read, row functions; no masking, no accounting. Answers the rows it read."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, nrows=SAMPLE)
    frame["time"] = frame["受理时间"].apply(lambda t: pd.to_datetime(t, errors="coerce"))
    frame["key"] = frame["用户号码"].apply(lambda n: hmac.new(SECRET, n.encode(), "sha256").hexdigest())
    frame["lat"] = frame["纬度"].apply(lambda v: float(v) if v else None)
    frame["lon"] = frame["经度"].apply(lambda v: float(v) if v else None)
    frame["class"] = frame["投诉内容"].apply(lambda t: next((w for w in (*ZH, *EN) if w in t), ""))
    return len(frame)


def one(path: Path) -> dict[str, float]:
    """Ours on one file, in this process."""
    started, before = perf_counter(), process_time()
    taken, rejected = ours(path)
    return {"seconds": perf_counter() - started, "processor": process_time() - before,
            "taken": taken, "rejected": rejected}  # fmt: skip


def main(sizes: list[int]) -> None:
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "complaints.csv"
            write_complaints(path, rows)
            found, peak_mb = run_watched([__file__, "--one", str(path)], ROOT)
            started = process_time()
            sampled = obvious(path)
            rival = (process_time() - started) * rows / sampled
        print(
            f"{rows:>9,} rows: {found['seconds']:.1f} s, processor {found['processor']:.1f} s "
            f"({rows / found['processor']:,.0f} rows/s), taken {found['taken']:,}, rejected {found['rejected']:,}, "
            f"peak PSS {peak_mb:,.0f} MB; row-by-row pandas {rival:.1f} s, ratio {rival / found['processor']:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(Path(sys.argv[2]))))
    else:
        chosen = [int(a) for a in sys.argv[1:] if a.isdigit()]
        main(chosen or [10_000, 50_000, *([1_000_000] if "--full" in sys.argv else [])])
