"""Chunks on several processes: the same results in the same order, errors as errors, few chunks at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.errors import InputError, TableError
from geoservice.intake.readers import limits
from geoservice.pipeline import Workplace, import_file, importing
from geoservice.pipeline.locating import LocatorCache
from geoservice.pipeline.parallel import crew, usable_workers
from geoservice.records import ImportOptions
from geoservice.store import Store


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    with crew(lambda n: n * n, workers) as mapped:
        assert list(mapped(iter(range(20)))) == [n * n for n in range(20)]


def test_the_work_is_done_elsewhere_and_what_it_holds_is_not_copied_by_hand() -> None:
    unpicklable = threading.Lock()
    with crew(lambda _: (os.getpid(), unpicklable.locked()), 2) as mapped:
        assert all(pid != os.getpid() and not locked for pid, locked in mapped(iter(range(4))))


def test_only_a_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(50):
            taken.append(n)
            yield n

    with crew(lambda n: n, 2) as mapped:
        results = mapped(items())
        for n in range(10):
            assert next(results) == n
            assert len(taken) <= n + 4


def test_deliberate_errors_come_back_as_errors() -> None:
    def fail(_: object) -> None:
        raise TableError("complaints", "lat", "is missing", 3)

    with pytest.raises(InputError, match=r"complaints\.lat, row 3"), crew(fail, 2) as mapped:
        list(mapped(iter([1])))


def test_threads_do_not_fork() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(usable_workers()))
    thread.start()
    thread.join()
    assert found == [1]


def complaints(path: Path, rows: int) -> Path:
    lines = ["ticket_no,accepted_at,text,place_text,lat,lon,customer_no"]
    for n in range(rows):
        ticket = "T0" if n % 997 == 0 else f"T{n}"  # one ticket again and again, in every chunk
        time = "03/04/2026" if n % 101 == 5 else f"2026-03-04 15:{n % 60:02d}:00"
        lines.append(
            f"{ticket},{time},没信号{n % 7},建设路{n % 50}号,{22.5 + n % 90 / 1000},114.1,1380013{n % 9000 + 1000}"
        )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.slow
def test_several_processes_store_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoservice.intake.rows.CHUNK_RECORDS", 1000)
    assert limits.CHUNK_RECORDS
    monkeypatch.setattr(importing, "_WORTH_SHARING_BYTES", 0)
    monkeypatch.setenv("GEOSERVICE_SECRET", "0123456789abcdef" * 3)
    path = complaints(tmp_path / "a.csv", 6000)
    stored = []
    for workers in (1, 2):
        monkeypatch.setattr(importing, "usable_workers", lambda workers=workers: workers)
        folder = tmp_path / str(workers)
        store = Store(f"sqlite:///{folder}/geo.db")
        place = Workplace(store, folder, default_config(), LocatorCache())
        report = import_file(place, "complaints", path, ImportOptions())
        assert report.taken + report.rejected + report.duplicates == report.read == 6000
        order = ["complaint_id"]
        found = store.read("complaints").drop(columns="import_id").sort_values(order, ignore_index=True)
        fixes = store.read("fixes").sort_values(["complaint_id", "rank"], ignore_index=True)
        stored.append((report.taken, report.rejected, found, fixes))
        again = import_file(place, "complaints", complaints(folder / "b.csv", 6000), ImportOptions(source="complaints"))
        assert again.taken == 0 or store.count("complaints") == len(found)
        store.close()
    assert stored[0][:2] == stored[1][:2]
    pd.testing.assert_frame_equal(stored[0][2], stored[1][2])
    pd.testing.assert_frame_equal(stored[0][3], stored[1][3])
    assert (stored[0][3]["complaint_id"] + stored[0][3]["rank"].astype(str)).is_unique
