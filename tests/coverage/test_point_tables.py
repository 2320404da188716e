"""Tables of planning tools as they come: order, gaps, spellings; and what the columns of an answer mean."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from geoservice.cli.app import app
from geoservice.coverage.points import calibrate, predict_points, trees, validate
from geoservice.coverage.points.crossval import best_threshold, f_scores
from geoservice.coverage.points.frames import join
from geoservice.coverage.points.predict import SIDE_DB, WEAK_DBM, decided_level
from geoservice.errors import TableError
from tests.coverage.test_points import measured_points, planning_table


def flat(*_: object) -> float:
    return -5.0


@pytest.fixture(scope="module")
def fitted():
    cells = planning_table(12)
    return cells, measured_points(cells, 60, flat), calibrate(cells, measured_points(cells, 200, flat))


def test_columns_may_stand_in_any_order_and_others_be_there(fitted):
    cells, points, model = fitted
    expected = predict_points(cells, points, model)
    turned = cells[cells.columns[::-1]].assign(remark="x").sample(frac=1, random_state=1)
    found = predict_points(turned, points[points.columns[::-1]], model)
    np.testing.assert_allclose(found["rsrp_dbm"], expected["rsrp_dbm"], atol=1e-9)


@pytest.mark.parametrize("missing", ["Height", "Electrical Downtilt", "RS Power", "Cell Clutter Index"])
def test_a_missing_cell_column_is_filled_not_refused(fitted, missing):
    cells, points, model = fitted
    found = predict_points(cells.drop(columns=missing), points, model)
    assert found["rsrp_dbm"].notna().all()
    assert abs(found["rsrp_mean_dbm"].mean() - predict_points(cells, points, model)["rsrp_mean_dbm"].mean()) < 8


def test_without_azimuth_a_sector_loses_its_mean_and_a_round_antenna_nothing(fitted):
    cells, points, _ = fitted
    aimed = cells.drop(columns="Azimuth")
    sector = predict_points(aimed, points)["rsrp_mean_dbm"]
    ring = predict_points(aimed.assign(hbw_deg=360.0), points)["rsrp_mean_dbm"]
    np.testing.assert_allclose((ring - sector).max(), 3.4, atol=1e-9)


def test_a_missing_power_is_the_median_of_the_fitted_cells(fitted):
    cells, points, model = fitted
    median = cells["RS Power"].median()
    filled = predict_points(cells.assign(**{"RS Power": median}), points, model)
    found = predict_points(cells.drop(columns="RS Power"), points, model)
    np.testing.assert_allclose(found["rsrp_mean_dbm"], filled["rsrp_mean_dbm"])


@pytest.mark.parametrize("side", ["points", "cells", "both"])
def test_altitudes_missing_on_one_side_mean_flat_ground(side):
    """A cell at 500 m and points without altitude do not stand half a kilometre apart."""
    cells = planning_table(3)
    points = measured_points(cells, 20, flat)
    expected = join(cells, points, measured=False)
    bare_cells = cells.drop(columns="Cell Altitude") if side != "points" else cells
    bare_points = points.drop(columns="alt") if side != "cells" else points
    found = join(bare_cells, bare_points, measured=False)
    gap = found.of_cell("altitude_m") - found.altitude_m
    np.testing.assert_allclose(gap, expected.of_cell("altitude_m") - expected.altitude_m)


def test_keys_of_spreadsheets_and_texts_meet(fitted):
    cells, points, model = fitted
    as_text = cells.assign(**{"Cell Index": cells["Cell Index"].astype(str) + ".0"})
    found = predict_points(as_text, points.assign(cell=points["cell"].astype(float)), model)
    assert found["rsrp_dbm"].notna().all()


def test_a_row_written_twice_counts_once_and_a_contradiction_is_named(fitted):
    cells, points, model = fitted
    assert len(predict_points(pd.concat([cells, cells.iloc[:2]]), points, model)) == len(points)
    odd = pd.concat([cells, cells.iloc[:1].assign(Height=99.0)])
    with pytest.raises(TableError, match="twice"):
        predict_points(odd, points, model)


def test_metres_in_one_file_and_degrees_in_the_other_are_refused_with_the_remedy(fitted):
    cells, points, model = fitted
    degrees = points.drop(columns=["x", "y"]).assign(lat=30.6, lon=104.1)
    with pytest.raises(TableError, match="lat and lon in both"):
        predict_points(cells, degrees, model)


@given(
    st.lists(st.tuples(st.floats(-140, -60), st.booleans()), min_size=1, max_size=40),
)
def test_the_shown_level_stands_on_the_side_that_was_called(pairs):
    level, weak = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    shown = decided_level(level, weak, WEAK_DBM)
    assert ((shown < WEAK_DBM) == weak).all()
    agreed = weak == (level < WEAK_DBM)
    assert (shown[agreed] == level[agreed]).all()
    assert (np.abs(shown[~agreed] - WEAK_DBM) <= SIDE_DB + 1e-9).all()
    order = np.argsort(level[~agreed & weak], kind="stable")
    assert (np.diff(shown[~agreed & weak][order]) >= 0).all()


def test_best_threshold_is_the_best_of_all():
    rng = np.random.default_rng(0)
    level = rng.normal(-95, 8, 800)
    truth = level + rng.normal(0, 6, 800)
    best = f_scores(level < best_threshold(level, truth), truth < WEAK_DBM)[2]
    tried = [f_scores(level < cut, truth < WEAK_DBM)[2] for cut in np.linspace(-110, -85, 200)]
    assert best >= max(tried) - 1e-12


def test_cross_validation_predicts_cells_it_has_not_seen():
    cells = planning_table(15)
    found = validate(cells, measured_points(cells, 80, flat), folds=3)
    assert found.groupby("fold")["stage"].apply(list).tolist() == [["cost231", "plain", "calibrated"]] * 3
    mean = found.groupby("stage")["rmse_db"].mean()
    assert mean["calibrated"] < 2.6 < mean["plain"]


def test_the_commands_write_what_they_document(tmp_path):
    cells = planning_table(12)
    cells.to_csv(tmp_path / "cells.csv", index=False)
    measured_points(cells, 100, flat).to_parquet(tmp_path / "points.parquet")
    fresh = planning_table(4, seed=8)
    fresh[fresh.columns[::-1]].to_csv(tmp_path / "fresh.csv", index=False)
    asked = measured_points(fresh, 20, flat).drop(columns=["rsrp", "clutter"])
    asked.to_csv(tmp_path / "asked.csv", index=False)
    run = CliRunner()
    files = [
        str(tmp_path / name) for name in ("cells.csv", "points.parquet", "m.npz", "fresh.csv", "asked.csv", "o.csv")
    ]
    done = run.invoke(app, ["calibrate", "--cells", files[0], "--points", files[1], "--out", files[2], "--json"])
    assert done.exit_code == 0, done.output
    assert {"stage", "rmse_db", "weak_f1", "shown_rmse_db"} <= set(json.loads(done.stdout)["validation"][0])
    done = run.invoke(
        app, ["predict", "--cells", files[3], "--points", files[4], "--out", files[5], "--model", files[2], "--json"]
    )
    assert done.exit_code == 0, done.output
    out = pd.read_csv(files[5])
    assert list(out.columns) == [*asked.columns, "rsrp_dbm", "rsrp_mean_dbm", "sigma_db", "weak_probability", "weak"]
    assert ((out["rsrp_dbm"] < WEAK_DBM) == out["weak"]).all()


def test_a_feature_nobody_knows_is_never_asked():
    """Points of place alone: clutter and height are missing throughout, which once ended in an internal error."""
    rng = np.random.default_rng(1)
    features = np.column_stack([rng.normal(size=400), np.full(400, np.nan)]).astype(np.float32)
    target = np.where(features[:, 0] > 0, 5.0, -5.0)
    fitted = trees.fit(features, target, seed=1, max_iter=20)
    assert 1 not in set(fitted.feature[fitted.feature >= 0].tolist())
    np.testing.assert_allclose(fitted.predict(features), target, atol=1.5)


def test_chinese_headings_of_cell_tables_are_read(fitted):
    cells, points, model = fitted
    chinese = {"Cell Index": "小区标识", "Height": "天线挂高", "Azimuth": "方位角", "Electrical Downtilt": "电子下倾角",
               "Mechanical Downtilt": "机械下倾角", "RS Power": "参考信号功率"}  # fmt: skip
    found = predict_points(cells.rename(columns=chinese), points, model)
    np.testing.assert_array_equal(found["rsrp_dbm"], predict_points(cells, points, model)["rsrp_dbm"])
