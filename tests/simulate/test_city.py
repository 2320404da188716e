"""The files: formats, sizes, determinism, and no true personal data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice import tables
from geoservice.errors import InputError
from geoservice.simulate import DEFAULT_SEED, write_city
from geoservice.simulate.city import build_world, truth
from geoservice.simulate.town import found_town

FILES = {
    "complaints.csv": tables.COMPLAINTS,
    "cells.csv": tables.CELLS,
    "kpis.parquet": tables.KPIS,
    "alarms.csv": tables.ALARMS,
    "energy-windows.csv": tables.ENERGY_WINDOWS,
    "neighbours.csv": tables.NEIGHBOURS,
    "planned-sites.csv": tables.PLANNED_SITES,
    "exposure.csv": tables.EXPOSURE,
    "gazetteer.csv": tables.GAZETTEER,
    "measurements.parquet": tables.MEASUREMENTS,
}


def _read(folder: Path, name: str) -> pd.DataFrame:
    if name.endswith("parquet"):
        return pd.read_parquet(folder / name)
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def test_every_file_brings_only_declared_columns_and_all_required_ones(city):
    for name, table in FILES.items():
        columns = list(_read(city.folder, name).columns)
        assert set(columns) <= set(table.file_names), name
        needed = {c.name for c in table.columns if c.required and c.origin != "ours"}
        assert needed <= set(columns), name


def test_values_fit_the_declared_ranges(city):
    for name, table in FILES.items():
        if name == "complaints.csv":
            continue  # swapped coordinates are dirt by intent
        frame = _read(city.folder, name)
        for column in table.columns:
            if column.name not in frame or column.dtype not in ("float", "int"):
                continue
            values = pd.to_numeric(frame[column.name].replace("", None))
            assert (
                values.dropna()
                .between(-np.inf if column.low is None else column.low, np.inf if column.high is None else column.high)
                .all()
            ), (name, column.name)


def test_enumerated_values_are_declared(city):
    for name, table in FILES.items():
        frame = _read(city.folder, name)
        for column in table.columns:
            if column.values and column.name in frame:
                assert set(frame[column.name].unique()) <= {*column.values, ""}, (name, column.name)


def test_keys_are_unique(city):
    assert city.csv("cells")["cgi"].is_unique
    assert city.csv("complaints")["ticket_no"].is_unique
    assert not city.parquet("kpis").duplicated(["cgi", "start", "granularity"]).any()
    assert not city.csv("exposure").duplicated(["lat", "lon"]).any()
    assert not city.csv("neighbours").duplicated(["src_cgi", "dst_cgi"]).any()
    assert city.csv("gazetteer")["name"].is_unique


def test_counts_match_the_issue(city):
    assert 120 <= city.summary.sites <= 180
    assert city.summary.cells >= 450
    assert 5_500 <= city.summary.complaints <= 6_500
    assert len(city.csv("gazetteer")) >= 600
    assert city.parquet("kpis")["start"].dt.normalize().nunique() == 90


def test_the_city_stays_under_six_megabytes(city):
    assert city.summary.total_bytes < 6_000_000
    assert city.summary.total_bytes == sum(path.stat().st_size for path in city.folder.iterdir())


def test_all_ten_cause_classes_of_the_issue_are_planted(city):
    causes = {problem["cause"] for problem in city.truth}
    assert {
        "K_HOLE", "K_WEAK", "K_NODOM", "K_OVERSHOOT", "K_OUTAGE", "K_ENERGY", "K_ULINTF", "K_CONG", "K_VOICE", "K_TERM",
    } <= causes  # fmt: skip


def test_truth_names_its_fields(city):
    for problem in city.truth:
        assert list(problem) == ["id", "cause", "classes", "lat", "lon", "radius_m", "from", "to", "cells"]
        assert problem["classes"]
        assert pd.Timestamp(problem["from"]) < pd.Timestamp(problem["to"])
    cells = set(city.csv("cells")["cgi"])
    assert {cgi for problem in city.truth for cgi in problem["cells"]} <= cells


def test_problems_lie_apart(city):
    east = 111_195 * np.cos(np.radians(city.truth[0]["lat"]))
    xy = np.array([[p["lat"] * 111_195, p["lon"] * east] for p in city.truth])
    gap = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))
    assert gap[~np.eye(len(gap), dtype=bool)].min() > 1_400


def test_numbers_are_the_fictitious_block_only(city):
    digits = city.csv("complaints")["customer_no"].str.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    plain = digits.str.replace(r"^\+86|\.0$|\s", "", regex=True)
    assert plain.str.fullmatch(r"1990000\d{4}").all()


def test_no_number_stands_in_a_text(city):
    rows = city.csv("complaints")
    assert not rows["text"].str.contains(r"\d{7,}").any()
    assert not rows["place_text"].str.contains(r"\d{7,}").any()


def test_cgi_keeps_its_zeros_as_text(city):
    assert city.csv("cells")["cgi"].map(lambda cgi: bool(re.fullmatch(r"460-00-\d{6}-\d{1,2}", cgi))).all()


def test_same_seed_writes_the_same_bytes(tmp_path):
    write_city(tmp_path / "a", 3, "town")
    write_city(tmp_path / "b", 3, "town")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_another_seed_is_another_town(tmp_path):
    first, second = (write_city(tmp_path / str(seed), seed, "town") for seed in (3, 4))
    truths = [(summary.folder / "truth.json").read_text("utf-8") for summary in (first, second)]
    assert truths[0] != truths[1]
    places = [pd.read_csv(summary.folder / "exposure.csv")[["lat", "lon"]].mean() for summary in (first, second)]
    assert (places[0] - places[1]).abs().max() > 0.01


def test_town_is_small(tmp_path):
    summary = write_city(tmp_path, 5, "town")
    assert 12 <= summary.sites <= 35
    assert 350 <= summary.complaints <= 450


def test_progress_rises_to_one(tmp_path):
    shares: list[float] = []
    write_city(tmp_path, 5, "town", lambda share, _what: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(("seed", "size"), [(-1, "town"), (2**32, "town"), (1, "village")])
def test_bad_arguments_are_named(tmp_path, seed, size):
    with pytest.raises(InputError):
        write_city(tmp_path, seed, size)
    assert not list(tmp_path.iterdir())


def test_kept_sample_has_the_same_files_and_is_small():
    folder = Path(__file__).parents[2] / "data" / "cells"
    assert {path.name for path in folder.iterdir() if path.suffix in (".csv", ".parquet", ".json")} == {
        *FILES,
        "truth.json",
    }
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6_000_000
    assert DEFAULT_SEED == 20260101


def test_kept_truth_is_what_the_simulator_plants_today():
    """Whoever changes what is planted writes the sample again."""
    kept = json.loads((Path(__file__).parents[2] / "data" / "cells" / "truth.json").read_text("utf-8"))
    assert truth(build_world(found_town(DEFAULT_SEED, "city"))) == kept


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    mine = tmp_path / "complaints.csv"
    mine.write_text("ticket_no\n1\n", "utf-8")
    with pytest.raises(InputError, match="holds no simulated city"):
        write_city(tmp_path, 3, "town")
    assert mine.read_text("utf-8") == "ticket_no\n1\n"
