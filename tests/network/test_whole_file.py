"""A column's unit is decided by the whole file: chunks of one file never read it differently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice.intake import read_rows
from geoservice.intake.readers.limits import CHUNK_RECORDS
from geoservice.network import CLEANERS
from geoservice.records import ImportOptions
from geoservice.tables import TABLES

ROWS = CHUNK_RECORDS + 50


def read(path: Path, table: str) -> pd.DataFrame:
    parts = [CLEANERS[table](chunk, ImportOptions()) for chunk in read_rows(path, TABLES[table], ImportOptions())]
    assert len(parts) == 2
    return pd.concat([part.frame for part in parts], ignore_index=True)


def measurements(path: Path, levels: np.ndarray) -> Path:
    frame = pd.DataFrame({"time": "2026-03-04 10:00:00", "lat": 22.5, "lon": 114.1, "rat": "LTE", "rsrp_dbm": levels})
    frame.assign(lat=22 + np.arange(len(frame)) * 1e-5).to_csv(path, index=False)
    return path


def test_a_chunk_of_indices_only_is_not_read_as_indices_where_the_file_has_levels(tmp_path: Path) -> None:
    """The last chunk holds slips (positive levels) only: beside 25,000 levels they are refused, not converted."""
    levels = np.where(np.arange(ROWS) < CHUNK_RECORDS, -95.0, 45.0)
    path = measurements(tmp_path / "m.csv", levels)
    chunks = read_rows(path, TABLES["measurements"], ImportOptions())
    done = [CLEANERS["measurements"](chunk, ImportOptions()) for chunk in chunks]
    assert [len(one.frame) for one in done] == [CHUNK_RECORDS, 0]
    assert set(done[1].rejects["code"]) == {"out-of-range"}


def test_a_file_of_indices_is_converted_in_every_chunk(tmp_path: Path) -> None:
    found = read(measurements(tmp_path / "m.csv", np.full(ROWS, 45.0)), "measurements")
    assert set(found["rsrp_dbm"]) == {45.0 - 141.0} or found["rsrp_dbm"].nunique() == 1
    assert (found["rsrp_dbm"] < -90).all()


@pytest.mark.parametrize("quiet_first", [True, False])
def test_per_cent_is_per_cent_in_the_chunk_of_the_quiet_hours_too(tmp_path: Path, quiet_first: bool) -> None:
    """A chunk whose greatest load is 1 % would read as shares if it were alone."""
    first = np.arange(ROWS) < CHUNK_RECORDS
    load = np.where(first == quiet_first, 1.0, 80.0)
    frame = pd.DataFrame(
        {"cgi": np.arange(ROWS), "start": "2026-03-04 10:00:00", "granularity": "hour", "prb_dl": load}
    )
    frame.to_csv(tmp_path / "k.csv", index=False)
    assert sorted(read(tmp_path / "k.csv", "kpis")["prb_dl"].unique()) == [0.01, 0.8]


def cells(path: Path, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"cgi": [f"460-00-{n}-1" for n in range(ROWS)], "rat": "LTE", "lat": 22.5, "lon": 114.1, "rs_power_dbm": 15.2}
    )
    frame.assign(lat=22 + np.arange(ROWS) * 1e-5, **columns).to_csv(path, index=False)
    return read(path, "cells").set_index("cgi")


FIRST = np.arange(ROWS) < CHUNK_RECORDS


def test_power_in_tenths_is_in_tenths_in_a_chunk_of_low_powers_too(tmp_path: Path) -> None:
    """5.2 dBm stands as 52, which a chunk of pico cells would take for dBm."""
    found = cells(tmp_path / "c.csv", rs_power_dbm=np.where(FIRST, 152, 52))
    assert sorted(found["rs_power_dbm"].unique()) == [5.2, 15.2]


def test_a_chunk_of_powers_in_dbm_with_one_in_tenths_is_not_all_in_tenths(tmp_path: Path) -> None:
    found = cells(tmp_path / "c.csv", rs_power_dbm=np.where(FIRST, 15.0, 152))
    assert sorted(found["rs_power_dbm"].unique()) == [15.0, 15.2]


def test_band_numbers_that_could_be_widths_stay_bands_where_the_file_has_other_bands(tmp_path: Path) -> None:
    found = cells(tmp_path / "c.csv", band=np.where(FIRST, 38, np.where(np.arange(ROWS) % 2, 5, 3)))
    assert found["bandwidth_mhz"].isna().all()
    narrow = cells(tmp_path / "d.csv", band=np.where(FIRST, 10, 5))
    assert sorted(narrow["bandwidth_mhz"].unique()) == [5.0, 10.0]


def test_doors_are_numbered_alike_in_every_chunk(tmp_path: Path) -> None:
    """1 is outdoors where the file has a 2 anywhere, also in a chunk of ones."""
    found = cells(tmp_path / "c.csv", indoor=np.where(FIRST, 2, 1))
    assert found["indoor"].tolist() == FIRST.tolist()
