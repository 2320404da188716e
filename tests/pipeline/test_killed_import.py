"""An import killed in the middle leaves nothing, and done again gives what it gives when nothing happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
ROWS = 240
KILLED = """
import os, signal, sys
from pathlib import Path
from geoservice.intake import rows
from geoservice.config import default_config
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

rows.CHUNK_RECORDS = 50
folder, seen = Path(sys.argv[1]), []

def progress(share, what):
    seen.append(what)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

place = Workplace(Store(f"sqlite:///{folder}/geo.db"), folder, default_config(), LocatorCache())
import_file(place, "complaints", Path(sys.argv[2]), ImportOptions(), progress)
"""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSERVICE_SECRET", SECRET)


def export(path: Path) -> Path:
    lines = ["ticket_no,accepted_at,text,lat,lon,customer_no"]
    for n in range(ROWS):
        lat = "91" if n % 40 == 7 else f"{22.5 + n / 1000:.5f}"
        lines.append(f"T{n},2026-03-04 10:{n % 60:02}:00,在家没信号{n},{lat},114.10001,1380013{n:04}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def stored(store: Store) -> list[pd.DataFrame]:
    keys = {"complaints": ["complaint_id"], "fixes": ["complaint_id", "rank"]}
    frames = [store.read(table).sort_values(by, ignore_index=True) for table, by in keys.items()]
    return [frame.drop(columns="import_id", errors="ignore") for frame in frames]


def imported(folder: Path, path: Path) -> tuple[Store, int]:
    store = Store(f"sqlite:///{folder}/geo.db")
    report = import_file(
        Workplace(store, folder, default_config(), LocatorCache()), "complaints", path, ImportOptions()
    )
    return store, report.taken


def test_killed_in_the_middle_and_run_again_equals_once(tmp_path: Path) -> None:
    path = export(tmp_path / "c.csv")
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed"), str(path)], env={**os.environ}, check=False
    )
    assert child.returncode == -signal.SIGKILL
    after = Store(f"sqlite:///{tmp_path}/killed/geo.db")
    assert (after.count("complaints"), after.count("fixes"), after.imports()) == (0, 0, [])
    with after.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        indexes = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'").scalars())
    assert {"ix_complaints_customer_key", "ix_fixes_place_hex"} <= indexes
    after.close()
    again, taken_again = imported(tmp_path / "killed", path)
    once, taken_once = imported(tmp_path / "once", path)
    assert taken_again == taken_once == ROWS - ROWS // 40
    for left, right in zip(stored(again), stored(once), strict=True):
        pd.testing.assert_frame_equal(left, right)
