"""The join per complaint over the analysed town, and its way into files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoservice import tables
from geoservice.service import Service


@pytest.fixture(scope="module")
def found(town: Service) -> pd.DataFrame:
    return town.frame("complaints")


def test_every_complaint_of_the_run_is_there_once(town: Service, found: pd.DataFrame) -> None:
    tables.check(found, tables.COMPLAINT_EVIDENCE)
    assert found["complaint_id"].is_unique
    assert len(found) == town.status()["tables"]["complaints"]
    located = found["place_hex"].notna()
    assert located.mean() > 0.8
    assert found.loc[located, "serving_cgi"].notna().mean() > 0.95
    assert found.loc[located, "rsrp_dbm"].notna().mean() > 0.95


def test_planted_faults_meet_the_complaints_they_caused(found: pd.DataFrame) -> None:
    """The town plants an outage and a shutdown: their complaints carry alarm and window."""
    assert found["alarm_object"].notna().any()
    assert (found["alarm_from"].dropna() <= found.loc[found["alarm_from"].notna(), "to"]).all()


def test_hexes_hide_one_and_two_customers(town: Service) -> None:
    hexes = town.frame("hex-evidence")
    tables.check(hexes, tables.HEX_EVIDENCE)
    assert (hexes["customers"] >= 3).all()


@pytest.mark.parametrize("what", ["complaints", "hex-evidence", "coverage", "weak-cells", "weak-grids", "weak-areas"])
@pytest.mark.parametrize("suffix", ["csv", "gpkg", "parquet"])
def test_they_are_exported(town: Service, tmp_path: Path, what: str, suffix: str) -> None:
    report = town.export(what, tmp_path / f"{what}.{suffix}", "en")
    assert report.rows == len(town.frame(what))
    assert (tmp_path / f"{what}.{suffix}").stat().st_size > 0


def test_the_coverage_table_is_geoparquet(town: Service, tmp_path: Path) -> None:
    import geopandas

    town.export("coverage", tmp_path / "coverage.parquet")
    read = geopandas.read_parquet(tmp_path / "coverage.parquet")
    assert read.crs.to_epsg() == 4326
    assert read.geometry.geom_type.eq("Polygon").all()
    assert {"rsrp_dbm", "basis", "parameters", "sigma_db"} <= set(read.columns)


def test_weak_areas_hold_every_weak_hex_once(town: Service) -> None:
    areas, coverage = town.frame("weak-areas"), town.frame("coverage")
    hexes = [text for part in areas["hexes"] for text in part]
    assert len(hexes) == len(set(hexes))
    assert len(hexes) == int((~(coverage["rsrp_dbm"] >= town.config["rsrp_weak"])).sum())
    assert areas["customers"].is_monotonic_decreasing
