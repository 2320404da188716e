"""The thread as a user meets it: sample city, MyCall, first paint. Prints seconds, memory and requests.

Run ``python tests/bench/bench_thread.py [sample] [mycall] [page]`` (default: all; mycall needs ``../shared``).
Every part runs in processes of its own, so that memory is that part's peak.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
    """First paint, bytes and requests of every page over the sample city (see ``page_costs``)."""
    command = [sys.executable, str(Path(__file__).with_name("page_costs.py")), "--database"]
    subprocess.run([*command, f"sqlite:///{folder}/sample.db"], check=True)


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["sample", "mycall", "page"]
    with tempfile.TemporaryDirectory() as name:
        parts = {"sample": sample, "mycall": mycall, "page": page}
        if "page" in wanted and "sample" not in wanted:
            wanted = ["sample", *wanted]
        for part in wanted:
            parts[part](Path(name))
