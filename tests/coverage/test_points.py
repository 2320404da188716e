"""Point levels: headings, stages, planted truth, persistence without pickling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.coverage.points import PointModel, calibrate, learning, predict_points, read_frame, trees, write_frame
from geoservice.coverage.points import features as feature_tools
from geoservice.coverage.points.frames import join
from geoservice.coverage.points.geometry import geometry, plain_level
from geoservice.coverage.points.learning import prepare
from geoservice.errors import FileError, NotEnoughData, TableError
from geoservice.radio import antenna, pathloss


def planning_table(count: int, seed: int = 2) -> pd.DataFrame:
    """Cells under the headings of the planning tool."""
    rng = np.random.default_rng(seed)
    side = 400.0 * np.sqrt(count)
    return pd.DataFrame(
        {
            "Cell Index": 1000 + np.arange(count),
            "Cell X": 400_000 + rng.uniform(0, side, count).round(),
            "Cell Y": 3_390_000 + rng.uniform(0, side, count).round(),
            "Height": rng.uniform(15, 40, count).round(),
            "Azimuth": rng.uniform(0, 360, count).round(),
            "Electrical Downtilt": 4.0,
            "Mechanical Downtilt": 3.0,
            "Frequency Band": 2585.0,
            "RS Power": rng.choice([9.2, 12.2, 15.2], count),
            "Cell Altitude": 500.0,
            "Cell Building Height": 0.0,
            "Cell Clutter Index": 5.0,
        }
    )


def measured_points(cells: pd.DataFrame, each: int, change, noise_db: float = 2.0, seed: int = 3) -> pd.DataFrame:
    """Points around each cell whose level is the plain level plus ``change(clutter, distance, x, y)``."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(cells)), each)
    distance, bearing = rng.uniform(30, 800, len(rows)), rng.uniform(0, 2 * np.pi, len(rows))
    points = pd.DataFrame(
        {
            "cell": cells["Cell Index"].to_numpy()[rows],
            "x": (cells["Cell X"].to_numpy()[rows] + distance * np.sin(bearing)).round(),
            "y": (cells["Cell Y"].to_numpy()[rows] + distance * np.cos(bearing)).round(),
            "alt": 500,
            "bldg": rng.choice([0, 0, 0, 20], len(rows)),
            "clutter": rng.choice([5, 6], len(rows)),
        }
    )
    field = join(cells, points, measured=False)
    shape = geometry(field)
    level = plain_level(field, shape)[0] + change(field.clutter, shape["distance_m"], field.x, field.y)
    return points.assign(rsrp=level + rng.normal(0, noise_db, len(points)))


def test_plain_level_is_uma_and_the_pattern():
    cells = planning_table(1)
    cell = cells.iloc[0]
    point = pd.DataFrame(
        {"cell": [1000], "x": [cell["Cell X"]], "y": [cell["Cell Y"] + 500], "alt": [500], "bldg": [0], "clutter": [5]}
    )
    down = antenna.down_angle_deg(cell["Height"], 1.5, 500)
    gain = antenna.gain_dbi(15.0, -cell["Azimuth"], down, 4.0, 3.0)
    loss = pathloss.path_loss("uma", 2585.0, 500.0, cell["Height"])
    found = predict_points(cells, point).iloc[0]
    assert found["rsrp_dbm"] == pytest.approx(float(cell["RS Power"] + gain - 0.5 - loss.mean_db), abs=1e-6)
    assert found["sigma_db"] == pytest.approx(float(loss.sigma_db))


def test_canonical_names_and_degrees_serve_as_well():
    cells = pd.DataFrame({"cgi": ["a"], "lat": [30.6], "lon": [104.1], "height_m": [25.0], "azimuth_deg": [0.0]})
    points = pd.DataFrame({"cgi": ["a"], "lat": [30.6045], "lon": [104.1]})
    assert -130 < predict_points(cells, points)["rsrp_dbm"].iloc[0] < -60


class TestRefusals:
    def test_an_unknown_cell_is_named_by_row(self):
        cells = planning_table(2)
        points = pd.DataFrame({"cell": [1000, 77], "x": [4e5, 4e5], "y": [3.39e6, 3.39e6]})
        with pytest.raises(TableError, match="row 1"):
            predict_points(cells, points)

    def test_a_missing_column_is_named(self):
        with pytest.raises(TableError, match=r"points\.y"):
            predict_points(planning_table(1), pd.DataFrame({"cell": [1000], "x": [4e5]}))

    def test_too_little_data_is_refused(self):
        cells = planning_table(3)
        points = measured_points(cells, 10, lambda *_: 0.0)
        with pytest.raises(NotEnoughData, match="at least 5 cells"):
            calibrate(cells, points)

    def test_no_points_are_refused(self):
        with pytest.raises(NotEnoughData):
            predict_points(planning_table(1), pd.DataFrame({"cell": [], "x": [], "y": []}))

    def test_a_pickle_is_not_a_model(self, tmp_path):
        file = tmp_path / "model.npz"
        np.save(file.open("wb"), np.array([{"a": 1}], dtype=object), allow_pickle=True)
        with pytest.raises(FileError, match="not a calibration model"):
            PointModel.load(file)

    def test_other_suffixes_are_refused(self, tmp_path):
        with pytest.raises(FileError, match="suffix"):
            read_frame(tmp_path / "points.xlsx")


def test_recovers_a_planted_offset_by_clutter():
    """Few cells: no learning; offset and slope by clutter come back and unseen cells gain."""
    cells = planning_table(12)
    change = lambda clutter, distance, x, y: np.where(clutter == 5, -8.0, 4.0) - 3.0 * np.log10(distance / 100)  # noqa: E731
    model = calibrate(cells, measured_points(cells, 200, change))
    assert model.stage == "calibrated"
    assert model.lines.at(np.array([5.0, 6.0]), np.array([100.0, 100.0]), np.zeros(2)) == pytest.approx(
        [-8.0, 4.0], abs=0.5
    )
    errors = {v.stage: v.rmse_db for v in model.validation}
    assert errors["calibrated"] < 2.5 < errors["plain"]
    fresh = planning_table(5, seed=9)
    unseen = measured_points(fresh, 50, change, seed=11)
    found = predict_points(fresh, unseen.drop(columns="rsrp"), model)
    assert np.sqrt(np.mean((found["rsrp_dbm"] - unseen["rsrp"]) ** 2)) < 2.5
    assert found["sigma_db"].iloc[0] == pytest.approx(2.0, abs=0.4)


@pytest.fixture(scope="module")
def learned():
    """Shadow common to all cells: a smooth field of place that no formula knows."""
    cells = planning_table(60)
    shadow = lambda clutter, distance, x, y: 8.0 * np.sin(x / 90) * np.sin(y / 90) - 5.0  # noqa: E731
    points = measured_points(cells, 100, shadow)
    with pytest.MonkeyPatch.context() as patch:  # fewer trees: the same path, quicker
        patch.setitem(learning.LEVEL_OPTIONS, "max_iter", 50)
        patch.setitem(learning.SPREAD_OPTIONS, "max_iter", 15)
        return cells, points, shadow, calibrate(cells, points)


@pytest.mark.slow
class TestLearned:
    def test_learns_what_cells_share_and_predicts_unseen_cells(self, learned):
        _, _, shadow, model = learned
        assert model.stage == "learned"
        errors = {v.stage: v.rmse_db for v in model.validation}
        assert errors["learned"] < errors["calibrated"] - 0.5
        fresh = planning_table(60, seed=21).iloc[:15]
        unseen = measured_points(fresh, 60, shadow, seed=22)
        unseen["cell"] += 5000
        fresh = fresh.assign(**{"Cell Index": fresh["Cell Index"] + 5000})
        found = predict_points(fresh, unseen.drop(columns="rsrp"), model)
        rmse = np.sqrt(np.mean((found["rsrp_dbm"] - unseen["rsrp"]) ** 2))
        assert rmse < errors["calibrated"]

    def test_the_file_gives_the_same_predictions(self, learned, tmp_path):
        cells, points, _, model = learned
        model.save(tmp_path / "model.npz")
        again = PointModel.load(tmp_path / "model.npz")
        some = points.iloc[:300].drop(columns="rsrp")
        pd.testing.assert_frame_equal(predict_points(cells, some, again), predict_points(cells, some, model))
        assert again.validation == model.validation

    def test_a_table_of_all_cells_predicts_what_a_table_of_the_new_ones_predicts(self, learned):
        """Fitted cells beside the new ones in the table must not make their measurements forgotten."""
        cells, _, shadow, model = learned
        fresh = planning_table(60, seed=21).iloc[:10]
        fresh = fresh.assign(**{"Cell Index": fresh["Cell Index"] + 5000})
        asked = measured_points(fresh, 40, shadow, seed=23).drop(columns="rsrp")
        alone = predict_points(fresh, asked, model)
        together = predict_points(pd.concat([cells, fresh], ignore_index=True), asked, model)
        pd.testing.assert_frame_equal(alone, together, check_exact=False, rtol=1e-5, atol=1e-4)

    def test_points_of_a_fitted_cell_do_not_see_its_levels(self, learned):
        """Turn the remembered levels of one cell upside down: what is predicted for it stays the same."""
        from dataclasses import replace

        cells, points, _, model = learned
        mine = model.memory.cell == 7
        turned = replace(model.memory, residual_db=np.where(mine, -5, 1).astype("f4") * model.memory.residual_db)
        asked = points[points["cell"] == 1007].drop(columns="rsrp")
        first, second = (predict_points(cells, asked, m) for m in (model, replace(model, memory=turned)))
        pd.testing.assert_frame_equal(first, second)

    def test_no_feature_of_a_point_sees_its_own_level(self, learned):
        """Turn every level of one cell upside down: features of that cell's points stay the same."""
        cells, points, _, _ = learned
        prepared = prepare(cells, points)
        residual = prepared.level_dbm - prepared.plain_dbm
        mine = prepared.field.cell == 7
        turned = np.where(mine, -5 * residual, residual)
        first, second = (
            feature_tools.assemble(prepared.field, prepared.shape, prepared.own, values, None)[mine]
            for values in (residual, turned)
        )
        np.testing.assert_array_equal(first, second)


def test_trees_predict_what_scikit_learn_predicts():
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 6)).astype(np.float32)
    x[rng.random(x.shape) < 0.05] = np.nan
    y = np.nan_to_num(x[:, 0]) * np.nan_to_num(x[:, 1]) + rng.normal(0, 0.1, 2000)
    options = {"max_iter": 30, "max_leaf_nodes": 15, "learning_rate": 0.1}
    with threadpool_limits(limits=1):
        expected = HistGradientBoostingRegressor(random_state=1, early_stopping=False, **options).fit(x, y).predict(x)
    ours = trees.fit(x, y, 1, **options)
    assert ours.predict(x) == pytest.approx(expected, abs=1e-5)
    assert trees.join([ours, ours]).predict(x) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_frames_survive_a_round_trip(tmp_path, suffix):
    frame = planning_table(3)
    write_frame(frame, tmp_path / f"cells.{suffix}")
    pd.testing.assert_frame_equal(read_frame(tmp_path / f"cells.{suffix}"), frame)
    assert [p.name for p in tmp_path.iterdir()] == [f"cells.{suffix}"]
