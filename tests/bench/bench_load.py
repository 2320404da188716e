"""One server, one worker, many complaints: what look-ups, hex views, hotspots and posts cost under load.

``python tests/bench/bench_load.py`` serves a store of 50,000 complaints and 5,000 cells (``--full``: a million and
50,000) as ``geoservice serve`` does and sends requests from this process at a fixed rate: a request is due when it is
due, however long the one before takes, and its time counts from then (no coordinated omission).

Printed beside each figure: the processor seconds of the server per request, which say on a busy machine, too, what a
request costs. The store is written once by the product's own writers, not imported from a file (an import of a million
rows takes minutes and is measured by ``bench_million``), and kept in the temporary folder for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from geoservice import grid, tables
from geoservice.pipeline import PLACE_RESOLUTION
from geoservice.store import Store

PORT = 8791
SEED = 20260101
# A province: about 300 by 300 km, towns of different size.
CENTRE = (30.2, 117.9)
TOWNS = 40
DAYS = 90
RESOLUTION = 8
CLASSES = ("NO_COVERAGE", "WEAK_SIGNAL", "DROPPED_CALL", "ACCESS_FAILURE", "SLOW_DATA", "CHOPPY_VOICE")
GROUPS = ("all", "coverage", "drop", "access", "data", "voice", "terminal")
CHUNK = 100_000
# Of what a kept store is made: another number, another store.
FORM = 1
_PATIENCE_S = 900.0


def points(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions around the towns."""
    fixed = np.random.default_rng(SEED)
    towns = np.column_stack([CENTRE[0] + fixed.uniform(-1.3, 1.3, TOWNS), CENTRE[1] + fixed.uniform(-1.5, 1.5, TOWNS)])
    share = fixed.dirichlet(np.full(TOWNS, 0.6))
    town = rng.choice(TOWNS, count, p=share)
    spread = rng.normal(0, 0.06, (count, 2))
    return towns[town, 0] + spread[:, 0], towns[town, 1] + spread[:, 1]


def build(folder: Path, complaints: int, cells: int) -> str:
    """A store with complaints, their fixes, cells, alarms, places and one finished run; its URL."""
    url = f"sqlite:///{folder}/load.db"
    rng = np.random.default_rng(SEED)
    store = Store(url)
    _network(store, rng, cells)
    _places(store, rng)
    lat, lon = points(rng, complaints)
    for start in range(0, complaints, CHUNK):
        _complaints(store, rng, lat[start : start + CHUNK], lon[start : start + CHUNK], start)
    _run(store, rng, lat, lon)
    store.close()
    return url


def _network(store: Store, rng: np.random.Generator, count: int) -> None:
    sites = max(1, count // 3)
    lat, lon = points(rng, sites)
    site = np.arange(count) % sites
    frame = pd.DataFrame(
        {
            "cgi": [f"460-00-{300000 + s}-{k}" for k, s in enumerate(site)],
            "cell_name": [f"cell-{k}" for k in range(count)],
            "site_id": [f"S{s:06d}" for s in site],
            "site_name": [f"site {s}" for s in site],
            "lat": lat[site],
            "lon": lon[site],
            "rat": "LTE",
            "frequency_mhz": 1850.0,
            "bandwidth_mhz": 20.0,
            "height_m": rng.uniform(18, 45, count).round(),
            "azimuth_deg": (site * 37 + np.arange(count) // sites * 120) % 360.0,
            "mech_tilt_deg": 3.0,
            "elec_tilt_deg": 5.0,
            "rs_power_dbm": 15.0,
            "gain_dbi": 15.0,
            "status": "active",
        }
    )
    store.upsert("cells", tables.conform(frame, tables.CELLS))
    raised = pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(rng.uniform(0, 30, 2000), unit="D")
    alarms = pd.DataFrame(
        {
            "object_key": frame["site_id"].sample(2000, replace=True, random_state=SEED).to_numpy(),
            "raised_at": raised,
            "cleared_at": raised + pd.to_timedelta(2, unit="h"),
            "code": "1001",
            "severity": "major",
            "service_affecting": True,
            "planned_work": False,
        }
    )
    store.upsert("alarms", tables.conform(alarms, tables.ALARMS))


def _places(store: Store, rng: np.random.Generator) -> None:
    lat, lon = points(rng, 3000)
    frame = pd.DataFrame(
        {
            "place_id": [f"P{k:05d}" for k in range(3000)],
            "name": [f"安康小区{k}" for k in range(3000)],
            "kind": "estate",
            "lat": lat,
            "lon": lon,
            "radius_m": 150.0,
        }
    )
    store.upsert("gazetteer", tables.conform(frame, tables.GAZETTEER))


def _complaints(store: Store, rng: np.random.Generator, lat: np.ndarray, lon: np.ndarray, start: int) -> None:
    count = len(lat)
    ids = [f"C{start + k:08d}" for k in range(count)]
    accepted = pd.Timestamp("2026-03-31", tz="UTC") - pd.to_timedelta(rng.uniform(0, DAYS, count), unit="D")
    frame = pd.DataFrame(
        {
            "complaint_id": ids,
            "ticket_no": [f"T{start + k:08d}" for k in range(count)],
            "accepted_at": accepted,
            "time_step": "instant",
            "customer_key": [f"{k:032x}" for k in rng.integers(0, 2**62, count)],
            "class": rng.choice(CLASSES, count),
            "text": "家里信号只有一格，打电话老断",
            "lat": lat,
            "lon": lon,
            "source": "import",
        }
    )
    fixes = pd.DataFrame(
        {
            "complaint_id": ids,
            "rank": 0,
            "lat": lat,
            "lon": lon,
            "radius_m": 50.0,
            "precision": "gnss",
            "source": "coordinates",
            "probability": 1.0,
        }
    )
    fixes = tables.conform(fixes, tables.FIXES).assign(place_hex=grid.to_hex(lat, lon, PLACE_RESOLUTION))
    with store.importing() as transaction:
        transaction.upsert("complaints", tables.conform(frame, tables.COMPLAINTS))
        transaction.upsert("fixes", fixes)
        transaction.touch()


def _run(store: Store, rng: np.random.Generator, lat: np.ndarray, lon: np.ndarray) -> None:
    hexes, counts = np.unique(grid.to_hex(lat, lon, RESOLUTION), return_counts=True)
    rates = pd.concat([_rates(rng, hexes, counts, group) for group in GROUPS], ignore_index=True)
    cgis = store.read("cells", ["cgi"])["cgi"].to_numpy(object)
    best = rng.choice(cgis, hexes.size)
    here_lat, here_lon = grid.hex_to_latlon(hexes)
    coverage = pd.DataFrame(
        {
            "hex": hexes,
            "lat": here_lat,
            "lon": here_lon,
            "best_cgi": best,
            "rsrp_dbm": rng.normal(-95, 10, hexes.size),
            "rsrp_indoor_dbm": rng.normal(-110, 10, hexes.size),
            "basis": "predicted",
            "sigma_db": 8.0,
            "probability": 0.8,
            "dominance_db": 4.0,
            "sinr_db": 6.0,
            "overlap_count": 2,
            "customers": counts * 40.0,
        }
    )
    serving = pd.DataFrame(
        {"hex": hexes, "cgi": best, "probability": 0.7, "rsrp_dbm": -95.0, "distance_m": 500.0, "basis": "predicted"}
    )
    run_id = store.start_run({})
    results = {
        "hex_rates": tables.conform(rates, tables.HEX_RATES),
        "coverage": tables.conform(coverage, tables.COVERAGE),
        "serving": tables.conform(serving, tables.SERVING),
        "hotspots": tables.conform(_hotspots(rng, run_id, hexes, counts), tables.HOTSPOTS),
    }
    store.finish_run(run_id, results, {"complaints": len(lat), "customers": len(lat), "hotspots": 60})


def _rates(rng: np.random.Generator, hexes: np.ndarray, counts: np.ndarray, group: str) -> pd.DataFrame:
    mine = counts if group == "all" else rng.binomial(counts, 1 / 6)
    expected = np.maximum(mine * rng.lognormal(0, 0.3, hexes.size), 0.1)
    return pd.DataFrame(
        {
            "hex": hexes,
            "class_group": group,
            "customers": mine.astype(float),
            "contacts": mine * 1.1,
            "expected": expected,
            "rate": mine / expected,
            "gi_z": rng.normal(0, 1, hexes.size),
            "gi_p": 0.5,
        }
    )


def _hotspots(rng: np.random.Generator, run_id: str, hexes: np.ndarray, counts: np.ndarray) -> pd.DataFrame:
    top = np.argsort(counts)[-60:][::-1]
    lat, lon = grid.hex_to_latlon(hexes[top])
    day = pd.Timestamp("2026-03-20", tz="UTC")
    return pd.DataFrame(
        {
            "hotspot_id": [f"H{k:04d}" for k in range(60)],
            "run_id": run_id,
            "rank": np.arange(1, 61),
            "lat": lat,
            "lon": lon,
            "resolution": RESOLUTION,
            "hexes": [[[text, 1.0]] for text in grid.hex_to_text(hexes[top])],
            "class_group": "all",
            "customers": counts[top],
            "contacts": counts[top],
            "expected": counts[top] / 3.0,
            "expectation": "history",
            "relative_risk": 3.0,
            "p_raw": 0.001,
            "p_value": 0.001,
            "from": day,
            "to": day + pd.Timedelta(days=11),
            "classes": [{"NO_COVERAGE": int(n)} for n in counts[top]],
            "trend": [[] for _ in top],
            "precise_share": 1.0,
            "sentence_zh": "热点",
            "sentence_en": "a hotspot",
            "seed": 1,
        }
    )


# --- load -------------------------------------------------------------------------------------


async def ask(host: str, port: int, raw: bytes, pool: asyncio.LifoQueue) -> int:
    """One request over a kept connection; its status."""
    reader, writer = await pool.get()
    if reader.at_eof():
        reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(raw)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in lower else 0
        await reader.readexactly(length)
    finally:
        pool.put_nowait((reader, writer))
    return int(head.split()[1])


async def open_loop(requests: list[bytes], rate: float, connections: int = 32) -> tuple[np.ndarray, list[int]]:
    """Requests at a fixed rate; seconds from when each was due to its answer, and the statuses."""
    # The last returned first: a connection that rests for seconds is closed by the server.
    pool: asyncio.LifoQueue = asyncio.LifoQueue()
    for _ in range(connections):
        pool.put_nowait(await asyncio.open_connection("127.0.0.1", PORT))
    started, took, statuses = time.perf_counter() + 0.1, np.zeros(len(requests)), [0] * len(requests)

    async def one(number: int) -> None:
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        statuses[number] = await ask("127.0.0.1", PORT, requests[number], pool)
        took[number] = time.perf_counter() - due

    await asyncio.gather(*(one(number) for number in range(len(requests))))
    return took, statuses


def get(path: str) -> bytes:
    """A GET as bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: dict[str, object]) -> bytes:
    """A POST as bytes."""
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text


def workloads(url: str, rng: np.random.Generator, seconds: float) -> Iterator[tuple[str, float, list[bytes]]]:
    """Name, rate per second and requests of each workload."""
    # Who calls lives where others called from.
    store = Store(url)
    callers = store.read("complaints", ["lat", "lon"], limit=20_000)
    store.close()
    lat, lon = callers["lat"].to_numpy(float), callers["lon"].to_numpy(float)
    pick = rng.integers(0, lat.size, 20_000)
    places = [f"/v1/locations/lookup?q={lat[k]:.5f},{lon[k]:.5f}" for k in pick]
    names = [f"/v1/locations/lookup?q=%E5%AE%89%E5%BA%B7%E5%B0%8F%E5%8C%BA{k % 3000}" for k in pick]
    mixed = [get(a if n % 2 else b) for n, (a, b) in enumerate(zip(places, names, strict=True))]
    for rate in (50.0, 100.0):
        yield f"look-up at {rate:.0f}/s", rate, mixed[: int(rate * seconds)]
    measures = ("customers", "rate", "excess", "significance", "rsrp", "sinr")
    views = [_view(lat[k], lon[k], 8 + int(k) % 6, measures[int(k) % 6]) for k in pick]
    yield "hex view at 30/s", 30.0, views[: int(30 * seconds)]
    yield "hotspot list at 20/s", 20.0, [get("/v1/hotspots")] * int(20 * seconds)
    bodies = [
        {"text": "没有信号，打不了电话", "lat": float(lat[k]), "lon": float(lon[k]), "customer_no": f"139{k:08d}"}
        for k in pick
    ]
    posts = [post("/v1/complaints", body) for body in bodies]
    yield "POST complaint at 5/s", 5.0, posts[: int(5 * seconds) + 10]
    both = [get(place) if k % 10 else made for k, (place, made) in enumerate(zip(places, posts, strict=True))]
    yield "nine look-ups to one POST at 50/s", 50.0, both[: int(50 * seconds)]


def _view(lat: float, lon: float, zoom: int, measure: str) -> bytes:
    half = 180.0 / 2**zoom * 2
    west, south, east, north = lon - half, lat - half, lon + half, lat + half
    return get(f"/v1/hexes?bbox={west:.5f},{south:.5f},{east:.5f},{north:.5f}&zoom={zoom}&measure={measure}")


def resident_mb(pid: int) -> float:
    """Memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(url: str) -> tuple[subprocess.Popen[bytes], float, float]:
    """The server as operators start it; seconds until it answered and until it was warm."""
    environment = os.environ | {"GEOSERVICE_RATE_PER_S": "0"}
    command = [sys.executable, "-m", "geoservice.cli", "serve", "--port", str(PORT), "--database", url]
    started = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    answered = _waited(server, started, "/v1/locations/lookup?q=30.2,117.9", "")
    return server, answered, _waited(server, started, "/readyz", '"warm":true')


def _waited(server: subprocess.Popen[bytes], started: float, path: str, wanted: str) -> float:
    while server.poll() is None and time.perf_counter() - started < _PATIENCE_S:
        try:
            # A server that is not ready answers 503: an OSError, too.
            if wanted in urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}").read().decode():
                return time.perf_counter() - started
        except OSError:
            pass
        time.sleep(0.2)
    server.kill()
    raise RuntimeError(f"the server did not come up ({path})")


def ready_store(folder: Path, complaints: int, cells: int) -> str:
    """The URL of a store of that size, written now unless it is there from an earlier time."""
    whole = folder / "whole"
    if not whole.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        started = time.perf_counter()
        build(folder, complaints, cells)
        whole.touch()
        print(f"store of {complaints:,} complaints and {cells:,} cells built in {time.perf_counter() - started:.0f} s")
    return f"sqlite:///{folder}/load.db"


def measure(server: subprocess.Popen[bytes], name: str, rate: float, requests: list[bytes]) -> None:
    """Send one workload and print what it cost."""
    alone, _ = asyncio.run(open_loop(requests[:10], 5.0))
    used = cpu_seconds(server.pid)
    took, statuses = asyncio.run(open_loop(requests[10:], rate))
    used = (cpu_seconds(server.pid) - used) / len(took)
    wrong = sum(status >= 300 for status in statuses)
    p50, p99 = np.percentile(took * 1e3, [50, 99])
    print(
        f"{name:<34} p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  alone {np.median(alone) * 1e3:6.1f} ms  "
        f"server {used * 1e3:6.1f} ms CPU a request  {wrong} refused",
        flush=True,
    )


def main() -> None:
    """Build, serve, load, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--full", action="store_true", help="a million complaints, 50,000 cells")
    options.add_argument("--seconds", type=float, help="length of each workload (default 4; 20 with --full)")
    options.add_argument("--keep", type=Path, help="folder to keep (or find) the store in")
    chosen = options.parse_args()
    complaints, cells = (1_000_000, 50_000) if chosen.full else (50_000, 5_000)
    folder = chosen.keep or Path(tempfile.gettempdir()) / f"geoservice-bench-load-{FORM}-{complaints}"
    url = ready_store(folder, complaints, cells)
    # Complaints posted in a run would make the next one's store another: a copy is served.
    with tempfile.TemporaryDirectory(prefix="load-", dir=folder) as copy:
        shutil.copy(folder / "load.db", copy)
        server, answered, warm = serve(f"sqlite:///{copy}/load.db")
        try:
            print(f"first answer after {answered:.1f} s, warm after {warm:.1f} s, {resident_mb(server.pid):,.0f} MB")
            for name, rate, requests in workloads(
                url, np.random.default_rng(1), chosen.seconds or (20.0 if chosen.full else 4.0)
            ):
                measure(server, name, rate, requests)
            print(f"at the end {resident_mb(server.pid):,.0f} MB")
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main()
