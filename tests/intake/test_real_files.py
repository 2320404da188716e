"""Files we did not make: MyCall, OpenCelliD, GeoNames, the census. Counts against an independent reading."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from geoservice.intake import read_rows
from geoservice.intake.readers.limits import CHUNK_RECORDS
from geoservice.network import CLEANERS, Cleaned, clean_exposure
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS, TABLES
from tests.intake.helpers import intake

INDIA = ImportOptions(timezone="Asia/Kolkata")


def independent(path: Path) -> tuple[int, int, int, int]:
    """(records, unlocated, distinct located complaints, distinct located satisfied) by csv and sets alone."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [tuple(v.strip() for v in r) for r in list(csv.reader(file))[1:]]
    located = [r for r in rows if not (abs(float(r[5])) <= 1.5 and abs(float(r[6])) <= 1.5)]
    usable = {r for r in located if -60 <= float(r[5]) <= 72 and abs(float(r[6])) <= 180}
    labels = Counter(r[4] == "Satisfactory" for r in usable)
    return len(rows), len(rows) - len(located), labels[False], labels[True]


@pytest.mark.parametrize(
    "name", ["MyCall_Data_September_2019.csv", "February_MyCall_2023.csv", "January_MyCall_2022.csv"]
)
def test_mycall_against_an_independent_count(shared: Path, name: str) -> None:
    path = shared / "data" / "mycall_india" / name
    records, unlocated, complaints, satisfied = independent(path)
    done = intake(path, INDIA)
    assert (done.rejects["code"] == "unlocated").sum() == unlocated
    assert (len(done.complaints), len(done.satisfied)) == (complaints, satisfied)
    assert len(done.complaints) + len(done.satisfied) + len(done.rejects) + done.duplicates == records
    assert set(done.complaints["time_step"]) == {"month"}
    assert set(done.complaints["source"]) == {"mycall"}
    places = done.complaints[["lat", "lon"]].mul(1000).add(0.5) // 1
    reporters = done.complaints["operator"].fillna("") + places["lat"].astype(str) + "|" + places["lon"].astype(str)
    assert (done.complaints.groupby(reporters)["customer_key"].nunique() == 1).all()
    assert done.complaints["customer_key"].nunique() == reporters.nunique()


def test_all_mycall_headings_are_recognised_and_labels_mapped(shared: Path) -> None:
    for path in sorted((shared / "data" / "mycall_india").glob("*.csv")):
        chunk = next(read_rows(path, COMPLAINTS, INDIA))
        assert {"operator", "indoor", "rat_shown", "class", "lat", "lon", "accepted_at"} <= set(chunk.frame.columns)
    april = intake(shared / "data" / "mycall_india" / "April_MyCall_2023.csv", INDIA).complaints
    assert set(april["class"]) == {"DROPPED_CALL", "CHOPPY_VOICE"}
    assert april["accepted_at"].astype(str).unique().tolist() == ["2023-03-31 18:30:00+00:00"]


def clean(shared: Path, table: str, name: str, options: ImportOptions = INDIA) -> Cleaned:
    (chunk,) = read_rows(shared / "data" / name, TABLES[table], options)
    done = CLEANERS[table](chunk, options)
    assert len(done.frame) + len(done.rejects) == chunk.read
    return done


@pytest.mark.parametrize(
    ("name", "rows", "key"),
    [
        ("opencellid/316.csv", 451, "316-010-909-6443782"),
        ("opencellid/651.csv", 1936, "651-01-117-11201"),
        ("opencellid/india_umts.csv", 22_398, "404-50-50812-1651663"),
    ],
)
def test_opencellid_variants(shared: Path, name: str, rows: int, key: str) -> None:
    cells = clean(shared, "cells", name).frame
    assert len(cells) == rows
    assert cells["cgi"].iloc[0] == key
    assert set(cells["position_source"]) == {"crowd"}
    assert cells["site_id"].isna().all()


def test_geonames_is_gazetteer_and_exposure(shared: Path) -> None:
    towns = clean(shared, "gazetteer", "india_geo/IN_cities15000.tsv").frame
    with (shared / "data" / "india_geo" / "IN_cities15000.tsv").open(encoding="utf-8") as file:
        people = sum(int(line.split("\t")[14]) for line in file)
    assert len(towns) == 2431
    pune = towns[towns["name"] == "Pune"].iloc[0]
    assert pune["lat"] == pytest.approx(18.52, abs=0.05)
    assert "Poona" in pune["alt_names"].split("|")
    exposure = clean(shared, "exposure", "india_geo/IN_cities15000.tsv").frame
    assert exposure["customers"].sum() == people
    assert set(exposure["kind"]) == {"population"}


def test_census_without_coordinates_says_what_it_needs(shared: Path) -> None:
    done = clean(shared, "exposure", "india_geo/subdistricts_population.csv")
    assert len(done.frame) == 0
    assert set(done.rejects["code"]) == {"contains-others", "part-of-total", "no-coordinates"}
    assert done.rejects.loc[done.rejects["code"] == "no-coordinates", "reason"].str.contains("add lat and lon").all()


def test_census_names_match_a_gazetteer_where_unambiguous(shared: Path) -> None:
    towns = clean(shared, "gazetteer", "india_geo/IN_cities15000.tsv").frame
    (chunk,) = read_rows(shared / "data" / "india_geo" / "subdistricts_population.csv", TABLES["exposure"], INDIA)
    done = clean_exposure(chunk, INDIA, gazetteer=towns)
    assert len(done.frame) + len(done.rejects) == chunk.read
    assert len(done.frame) > 300
    assert {"no-coordinates", "ambiguous-name"} <= set(done.rejects["code"])


def test_chunks_are_even_and_complete(shared: Path) -> None:
    chunks = list(read_rows(shared / "data" / "mycall_india" / "MyCall_Data_July_2018.csv", COMPLAINTS, INDIA))
    assert [len(c.frame) for c in chunks] == [CHUNK_RECORDS, CHUNK_RECORDS, 63_689 - 2 * CHUNK_RECORDS]
    lines = pd.concat([c.frame["line"] for c in chunks])
    assert lines.tolist() == list(range(2, 63_691))
