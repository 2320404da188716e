"""Every field the domain's schemas and heading list name is declared, and a file's value comes back from the store."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from geoservice import tables
from geoservice.config import default_config
from geoservice.geodesy import distance_m
from geoservice.intake.columns import aliases
from geoservice.intake.privacy import keyed_hashes, load_secret
from geoservice.parsing.text import lookup_key
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

# The domain's table names and ours.
OURS = {
    "complaint": "complaints", "kpi_cell": "kpis", "alarm": "alarms", "energy_window": "energy_windows",
    "measurement": "measurements", "planned_site": "planned_sites", "neighbour": "neighbours", "mls_cell": "cells",
}  # fmt: skip
# Never stored by design: the number itself, encrypted or not (decision 0016); the key takes its place.
NEVER_STORED = {("complaint", "msisdn_enc")}
KINDS = {
    "str": {"text"}, "enum": {"text"}, "list": {"text", "json"}, "json": {"json"}, "bool": {"bool"},
    "int": {"int", "float", "text"}, "float": {"float"}, "datetime": {"time"}, "date": {"date"}, "time": {"local_time"},
}  # fmt: skip
# The contract (FORMATS.md) asks less of a file than the schema does of a finished ticket.
FORMATS_REQUIRED = {
    "complaints": {"ticket_no", "accepted_at"},
    "cells": {"cgi", "lat", "lon", "rat"},
    "kpis": {"cgi", "start", "granularity"},
    "alarms": {"object_key", "code", "severity", "raised_at", "service_affecting"},
    "energy_windows": {"cgi", "from_local", "to_local"},
    "neighbours": {"src_cgi", "dst_cgi"},
    "measurements": {"time", "lat", "lon", "rsrp_dbm"},
    "planned_sites": {"plan_no", "lat", "lon"},
    "exposure": {"lat", "lon", "customers"},
    "gazetteer": {"name", "lat", "lon"},
}


def schema_rows(shared: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((shared / "domain" / "schemas.csv").read_text("utf-8-sig"))))


def ours_of(table: str, field: str) -> tables.Column:
    """Our column of a field of the schemas, found as a file's heading would be."""
    name = OURS[table]
    found = aliases(name).get(lookup_key(field))
    assert found is not None, f"{table}.{field} is no heading we know"
    return tables.TABLES[name].by_name[found]


def test_every_field_of_the_schemas_is_declared(shared: Path) -> None:
    for row in schema_rows(shared):
        if (row["table"], row["field"]) in NEVER_STORED:
            continue
        column = ours_of(row["table"], row["field"])
        assert column.origin == "both", f"{row['table']}.{row['field']} is not stored"
        kind = row["type"].split("[")[0].split("(")[0].split()[0]
        assert column.dtype in KINDS[kind], f"{row['field']}: {column.dtype}"
        if kind == "float" and row["unit"] and row["unit"] != "0..1":
            assert column.unit.split()[0] == row["unit"].split()[0], row["field"]
        if kind == "enum" and column.values and "," in row["validation"] and row["table"] != "mls_cell":
            words = {word.split("(")[0].split("_")[0].strip() for word in row["validation"].split(",")}
            assert words <= {value.split("_")[0] for value in column.values}, row["field"]


def test_every_canonical_heading_of_the_engineering_table_is_stored(shared: Path) -> None:
    text = (shared / "domain" / "columns.csv").read_text("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        found = aliases("cells").get(lookup_key(row["canonical"]))
        assert found is not None, row["canonical"]
        assert tables.CELLS.by_name[found].origin == "both", row["canonical"]


@pytest.mark.parametrize("name", sorted(FORMATS_REQUIRED))
def test_required_columns_are_those_of_the_contract(name: str) -> None:
    assert {c.name for c in tables.TABLES[name].columns if c.required and c.origin == "both"} == FORMATS_REQUIRED[name]


COMPLAINT = {
    "ticket_no": "T-1", "customer_no": "13800138000", "accepted_at": "2026-03-04T15:04:05+08:00",
    "occurred_from": "2026-03-04T14:00:00+08:00", "occurred_to": "2026-03-04T15:00:00+08:00", "frequency": "daily",
    "time_pattern": "19|20", "channel": "hotline", "level": "urgent", "text": "打不出去", "language": "zh",
    "items": '[{"class": "ACCESS_FAILURE", "secondary": ["WEAK_SIGNAL"], "direction": "MO"}, {"class": "SLOW_DATA"}]',
    "direction": "MO", "audio": "UL", "echo_hearer": "customer", "place_text": "科技园3号楼",
    "lat": "22.540383", "lon": "114.063014", "input_lat": "22.540383", "input_lon": "114.063014", "input_crs": "GCJ02",
    "precision": "building", "radius_m": "80", "indoor": "true", "floor": "12", "scene": "office",
    "caller_lat": "22.55", "caller_lon": "114.07", "terminal_model": "Mate 60", "tac8": "86123405", "dual_sim": "true",
    "volte_on": "false", "calling_no": "+86 138 0013 8000", "called_no": "010-12345678",
    "call_time": "2026-03-04T14:30:00+08:00", "rat_shown": "4G", "bars": "2", "serving_cgi": "460-00-1-1",
    "peers_ok": "true", "other_phone_ok": "false", "other_sim_ok": "true", "account_status": "active",
    "roaming_country": "KR", "roaming_operator": "SK Telecom", "card_type": "dual_mode", "prl_version": "50123",
    "sms_centre": "+8613800755500", "demand": "尽快处理", "promised_by": "2026-03-06T00:00:00+08:00",
    "owner_dept": "网络维护中心", "event_note": "演唱会", "ta_m": "390",
}  # fmt: skip
MEASUREMENT = {
    "time": "2026-03-04T15:04:05+08:00", "source": "DT", "lat": "22.5", "lon": "114.1", "accuracy_m": "12.5",
    "cell_key": "460-00-1-1", "rat": "LTE", "rsrp_dbm": "-101", "rsrq_db": "-11", "sinr_db": "3.5",
    "neighbours": '[{"pci": 7, "arfcn": 1300, "rsrp": -103.5}]', "ta_m": "390", "indoor_prob": "0.7", "speed_kmh": "32",
    "device_hash": "d1", "arfcn": "1300", "pci": "101",
}  # fmt: skip
CELL = {
    "cgi": "460-00-12345-1", "lat": "22.5", "lon": "114.1", "rat": "LTE", "site_name": "S", "cell_name": "C",
    "enb_id": "12345", "cell_id": "1", "eci": "3160321", "lon_bd": "114.1115", "lat_bd": "22.5033", "height_m": "30",
    "azimuth_deg": "120", "mech_tilt_deg": "2", "elec_tilt_deg": "4", "total_tilt_deg": "6", "hbw_deg": "65",
    "vbw_deg": "7", "gain_dbi": "15", "rs_power_dbm": "15.2", "max_power_dbm": "46", "ports": "4T4R",
    "bandwidth_mhz": "20", "arfcn": "1300", "band": "3", "pci": "101", "tac": "4660", "vendor": "V",
    "indoor": "outdoor", "sector_type": "directional", "site_type": "macro", "status": "active",
    "on_air_date": "2020-01-02", "scene": "urban", "region": "R", "grid": "G-07", "address": "A路1号",
    "antenna_model": "AM1", "planned_radius_m": "600", "plan_no": "P-1", "shared_plmn": "46003;46001",
}  # fmt: skip


def import_one(folder: Path, table: str, row: Mapping[str, str]) -> dict[str, object]:
    """The stored row of a one-row CSV."""
    path = folder / f"{table}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    store = Store(f"sqlite:///{folder}/geo.db")
    report = import_file(Workplace(store, folder, default_config(), LocatorCache()), table, path, ImportOptions())
    assert (report.read, report.taken) == (1, 1), report
    found = store.read(table).iloc[0].to_dict()
    store.close()
    return {str(name): value for name, value in found.items()}


def same(written: str, stored: object, column: tables.Column) -> bool:
    if column.dtype == "json":
        return bool(stored) and json.loads(written)[0].items() <= dict(stored[0]).items()  # type: ignore[index]
    if column.dtype in {"float", "int"}:
        return stored == pytest.approx(float(written), abs=1e-5)
    if column.dtype == "bool":
        return stored == (written not in {"false", "outdoor"})
    if column.dtype in {"time", "date"}:
        return pd.Timestamp(written) == stored
    return str(stored) == written


def test_a_complaints_every_field_comes_back_and_no_number_with_it(tmp_path: Path) -> None:
    row = COMPLAINT
    stored = import_one(tmp_path, "complaints", row)
    for heading, written in row.items():
        column = tables.COMPLAINTS.by_name[aliases("complaints")[lookup_key(heading)]]
        if column.origin == "both":
            assert same(written, stored[column.name], column), (heading, written, stored[column.name])
    number = keyed_hashes(pd.Series(["+8613800138000"], dtype="str"), load_secret(tmp_path), "customer")[0]
    assert stored["customer_key"] == stored["calling_hash"] == number
    assert stored["called_hash"] not in {None, number}
    assert b"13800138000" not in (tmp_path / "geo.db").read_bytes()
    assert b"12345678" not in (tmp_path / "geo.db").read_bytes()


def test_a_converted_point_keeps_its_original_and_takes_the_callers_point_along(tmp_path: Path) -> None:
    row = {name: text for name, text in COMPLAINT.items() if name not in {"input_lat", "input_lon"}}
    stored = import_one(tmp_path, "complaints", row)
    assert (stored["input_lat"], stored["input_lon"], stored["crs"]) == (22.540383, 114.063014, "GCJ02")
    # Handbook section 4: this pair is GCJ-02 of 22.5431, 114.0579, some 600 m away.
    assert (stored["lat"], stored["lon"]) == (pytest.approx(22.5431, abs=1e-5), pytest.approx(114.0579, abs=1e-5))
    apart = distance_m(22.55, 114.07, stored["caller_lat"], stored["caller_lon"])  # type: ignore[arg-type]
    assert 550 < float(apart) < 650


def test_an_original_pair_stands_in_where_the_point_is_empty(tmp_path: Path) -> None:
    stored = import_one(tmp_path, "complaints", {**COMPLAINT, "lat": "", "lon": ""})
    assert stored["lat"] == pytest.approx(22.5431, abs=1e-5)
    assert (stored["input_lat"], stored["crs"]) == (22.540383, "GCJ02")


@pytest.mark.parametrize(("table", "row"), [("measurements", MEASUREMENT), ("cells", CELL)])
def test_every_field_comes_back(tmp_path: Path, table: str, row: dict[str, str]) -> None:
    stored = import_one(tmp_path, table, row)
    for heading, written in row.items():
        column = tables.TABLES[table].by_name[aliases(table)[lookup_key(heading)]]
        assert same(written, stored[column.name], column), (heading, written, stored[column.name])


def test_the_rows_above_leave_no_field_out(shared: Path) -> None:
    for table, row in (("complaint", COMPLAINT), ("measurement", MEASUREMENT)):
        brought = {aliases(OURS[table])[lookup_key(heading)] for heading in row}
        fields = {
            r["field"] for r in schema_rows(shared) if r["table"] == table and (table, r["field"]) not in NEVER_STORED
        }
        named = {ours_of(table, field).name for field in fields}
        replaced = {"customer_key", "calling_hash", "called_hash"}  # brought as the numbers they are made of
        assert named - replaced <= brought


def test_crowd_cells_keep_what_their_list_says(tmp_path: Path) -> None:
    row = {
        "radio": "LTE", "mcc": "460", "net": "0", "area": "9486", "cell": "125", "unit": "12", "lon": "114.1",
        "lat": "22.5", "range": "800", "samples": "7", "changeable": "1", "created": "1400000000",
        "updated": "1500000000", "averageSignal": "-97",
    }  # fmt: skip
    stored = import_one(tmp_path, "cells", row)
    for heading, written in row.items():
        column = tables.CELLS.by_name[aliases("cells")[lookup_key(heading)]]
        assert same(written, stored[column.name], column), (heading, written, stored[column.name])
