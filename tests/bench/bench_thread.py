"""The thread as a user meets it: sample city, MyCall, first paint. Prints seconds, memory and requests.

Run ``python tests/bench/bench_thread.py [sample] [mycall] [page]`` (default: all; mycall needs ``../shared``).
Every part runs in processes of its own, so that memory is that part's peak.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
SAMPLE = ROOT / "data" / "cells"


def cli(*arguments: str | Path) -> float:
    """Seconds of one command; a failure ends the bench."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "geoservice.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments[:3]))}: {done.stderr.strip()}")
    return time.perf_counter() - started


def peak_mb() -> float:
    """Largest child so far, MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def sample(folder: Path) -> None:
    """Import, analysis and score of the sample city."""
    from api.command import DEMO_FILES

    database = f"sqlite:///{folder}/sample.db"
    imported = sum(cli("import", table, SAMPLE / name, "--database", database) for table, name in DEMO_FILES)
    first = cli("analyse", "--database", database)
    again = cli("analyse", "--database", database)
    print(
        f"sample city: import {imported:.1f} s (10 commands), analyse {first:.1f} s, again {again:.1f} s, "
        f"peak {peak_mb():.0f} MB"
    )
    score = subprocess.run(
        [
            sys.executable,
            "-m",
            "geoservice.cli",
            "evaluate",
            str(SAMPLE / "truth.json"),
            "--database",
            database,
            "--json",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    counts = {key: value for key, value in json.loads(score).items() if key != "details"}
    print(f"  evaluate: {counts}")


def mycall(folder: Path) -> None:
    """All twelve MyCall files: import, analysis, map."""
    if not SHARED.is_dir():
        print("MyCall: the reference data (../shared) are not here")
        return
    database = f"sqlite:///{folder}/mycall.db"
    where = ("--database", database)
    files = sorted((SHARED / "mycall_india").glob("*.csv"))
    imported = cli("import", "complaints", *files, "--timezone", "Asia/Kolkata", *where)
    cells = cli("import", "cells", SHARED / "opencellid" / "india_umts.csv", *where)
    towns = cli("import", "gazetteer", SHARED / "india_geo" / "IN_cities15000.tsv", *where)
    analysed = cli("analyse", "--timezone", "Asia/Kolkata", *where)
    drawn = cli("map", folder / "mycall.html", *where)
    total = imported + cells + towns + analysed + drawn
    print(
        f"MyCall: import {imported:.1f} s, cells {cells:.1f} s, places {towns:.1f} s, analyse {analysed:.1f} s, "
        f"map {drawn:.1f} s, together {total:.1f} s, peak {peak_mb():.0f} MB"
    )


def page(folder: Path) -> None:
    """First contentful paint and requests of the three pages over the sample city."""
    import uvicorn
    from playwright.sync_api import sync_playwright

    from api.main import create_app
    from api.settings import Settings

    settings = Settings(database=f"sqlite:///{folder}/sample.db", port=8765)
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=settings.port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    time.sleep(12)
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for path in ("/", "/desk", "/planning"):
            print(f"page {path}: {_visit(browser, f'http://127.0.0.1:{settings.port}', path)}")
        browser.close()
    server.should_exit = True


def _visit(browser: Any, base: str, path: str) -> str:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    seen: list[str] = []
    opened.on("request", lambda request: seen.append(request.url))
    opened.goto(base + path, wait_until="networkidle")
    paint = opened.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1")
    size = opened.evaluate("performance.getEntriesByType('resource').reduce((n, r) => n + r.transferSize, 0)")
    outside = [url for url in seen if not url.startswith((base, "data:"))]
    context.close()
    return f"first paint {paint:.0f} ms, {len(seen)} requests, {size / 1024:.0f} kB, {len(outside)} leave the host"


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["sample", "mycall", "page"]
    with tempfile.TemporaryDirectory() as name:
        parts = {"sample": sample, "mycall": mycall, "page": page}
        if "page" in wanted and "sample" not in wanted:
            wanted = ["sample", *wanted]
        for part in wanted:
            parts[part](Path(name))
