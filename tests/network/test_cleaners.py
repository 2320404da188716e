"""What every cleaner owes its caller, whatever the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoservice.intake import read_rows
from geoservice.network import CLEANERS, KEYS
from geoservice.records import ImportOptions
from geoservice.tables import TABLES, check

GOOD = {
    "cells": {"cgi": "1", "lat": "30", "lon": "104", "rat": "LTE"},
    "kpis": {"cgi": "1", "start": "2026-03-04 10:00", "granularity": "hour"},
    "alarms": {
        "object_key": "1",
        "code": "a",
        "severity": "major",
        "raised_at": "2026-03-04",
        "service_affecting": "1",
    },
    "energy_windows": {"cgi": "1", "from_local": "23:00", "to_local": "06:00"},
    "neighbours": {"src_cgi": "1", "dst_cgi": "2"},
    "measurements": {"time": "2026-03-04 10:00", "lat": "30", "lon": "104", "rsrp_dbm": "-100"},
    "planned_sites": {"plan_no": "P1", "lat": "30", "lon": "104"},
    "exposure": {"lat": "30", "lon": "104", "customers": "5"},
    "gazetteer": {"name": "成都", "lat": "30", "lon": "104"},
}


@pytest.mark.parametrize("table", sorted(CLEANERS))
def test_minimal_rows_are_taken_blank_and_broken_ones_named(tmp_path: Path, table: str) -> None:
    good = GOOD[table]
    blank = ",".join([""] * len(good))
    path = tmp_path / "a.csv"
    path.write_text(
        f"{','.join(good)}\n{','.join(good.values())}\n{blank}\nragged,row,of,too,many,fields,here\n", "utf-8"
    )
    (chunk,) = read_rows(path, TABLES[table], ImportOptions())
    done = CLEANERS[table](chunk, ImportOptions())
    assert len(check(done.frame, TABLES[table])) == 1
    assert done.rejects["line"].tolist() == [3, 4]


@pytest.mark.parametrize("table", sorted(CLEANERS))
def test_a_file_of_broken_records_only(tmp_path: Path, table: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{','.join(GOOD[table])}\n" + "x,x,x,x,x,x,x\n" * 3, "utf-8")
    (chunk,) = read_rows(path, TABLES[table], ImportOptions())
    done = CLEANERS[table](chunk, ImportOptions())
    assert (len(done.frame), done.rejects["code"].tolist(), chunk.read) == (0, ["ragged"] * 3, 3)


def test_every_cleaner_has_a_natural_key() -> None:
    assert set(CLEANERS) <= set(KEYS)


@pytest.mark.parametrize("table", sorted(CLEANERS))
def test_import_of_an_export_is_the_identity(tmp_path: Path, table: str) -> None:
    path, again = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(f"{','.join(GOOD[table])}\n{','.join(GOOD[table].values())}\n", "utf-8")
    (chunk,) = read_rows(path, TABLES[table], ImportOptions())
    first = CLEANERS[table](chunk, ImportOptions()).frame
    brought = [c for c in TABLES[table].file_names if c in first and first[c].notna().all()]
    first[brought].to_csv(again, index=False)
    (chunk,) = read_rows(again, TABLES[table], ImportOptions())
    second = CLEANERS[table](chunk, ImportOptions()).frame
    assert second.to_dict("list").__repr__() == first.to_dict("list").__repr__()
