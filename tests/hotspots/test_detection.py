"""Planted truth through the front door, and the artefacts that must not become hotspots."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.errors import InputError
from geoservice.hotspots import ScanOptions, detect

START = pd.Timestamp("2024-01-01", tz="Asia/Shanghai")
HEXES = grid.disk(grid.to_hex([30.6], [104.0], 9), 9)
SUBSCRIBERS = np.random.default_rng(0).lognormal(6, 0.7, len(HEXES))
DAYS = 40


def background(seed: int, count: int = 500) -> pd.DataFrame:
    """Complaints in proportion to subscribers: columns position, day, class."""
    rng = np.random.default_rng(seed)
    where = rng.choice(len(HEXES), count, p=SUBSCRIBERS / SUBSCRIBERS.sum())
    codes = rng.choice(["NO_COVERAGE", "DROPPED_CALL", "SLOW_DATA"], count)
    return pd.DataFrame({"position": where, "day": rng.uniform(0, DAYS, count), "class": codes})


def plant(positions, days, count, code, seed=1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"position": rng.choice(positions, count), "day": rng.uniform(*days, count), "class": code})


def tables_of(rows: pd.DataFrame, precision: str = "gnss", customers=None):
    lat, lon = grid.hex_to_latlon(HEXES)
    at = rows["position"].to_numpy(int)
    names = [f"c{i}" for i in range(len(rows))]
    complaints = pd.DataFrame(
        {
            "ticket_no": names,
            "complaint_id": names,
            "accepted_at": (START + pd.to_timedelta(rows["day"].to_numpy(), unit="D")).tz_convert("UTC"),
            "source": "test",
            "time_step": "instant",
            "customer_key": [f"k{i}" for i in range(len(rows))] if customers is None else customers,
            "class": rows["class"].to_numpy(),
        }
    )
    fixes = pd.DataFrame(
        {
            "complaint_id": names,
            "rank": 0,
            "lat": lat[at],
            "lon": lon[at],
            "radius_m": 50.0,
            "precision": precision,
            "source": "coordinates",
            "probability": 1.0,
        }
    )
    exposure = pd.DataFrame({"lat": lat, "lon": lon, "customers": SUBSCRIBERS, "kind": "subscribers"})
    return (
        tables.conform(complaints, tables.COMPLAINTS),
        tables.conform(fixes, tables.FIXES),
        tables.conform(exposure, tables.EXPOSURE),
    )


def weigh(fixes: pd.DataFrame, resolution: int) -> pd.DataFrame:
    hexes = grid.to_hex(fixes["lat"], fixes["lon"], resolution)
    return pd.DataFrame({"complaint_id": fixes["complaint_id"], "hex": hexes, "weight": 1.0})


def run(complaints, fixes, exposure, satisfied=None, **options):
    options = {"resolution": 9, "replicas": 99, "max_rings": 4, "seed": 5} | options
    empty = tables.empty(tables.SATISFIED) if satisfied is None else satisfied
    return detect(complaints, fixes, exposure, empty, weigh, default_config(), ScanOptions(**options))


def disk_positions(centre: int, k: int) -> np.ndarray:
    found = grid.positions(HEXES, grid.disk(HEXES[[centre]], k))
    return found[found >= 0]


@pytest.fixture(scope="module")
def two_faults():
    """A coverage hole all the time and an access outage of two days, elsewhere."""
    hole, outage = disk_positions(60, 1), disk_positions(200, 1)
    rows = pd.concat(
        [
            background(3),
            plant(hole, (0, DAYS), 30, "NO_COVERAGE"),
            plant(outage, (20.1, 21.9), 15, "ACCESS_FAILURE"),
        ],
        ignore_index=True,
    )
    return hole, outage, run(*tables_of(rows))


def test_a_lasting_hole_and_a_short_outage_are_both_found(two_faults):
    hole, outage, found = two_faults
    groups = dict(zip(found.hotspots["class_group"], found.hotspots["hexes"], strict=True))
    for group, planted in (("coverage", hole), ("access", outage)):
        reported = grid.positions(HEXES, grid.text_to_hex([h for h, _ in groups[group]]))
        assert len(np.intersect1d(reported, planted)) >= 0.7 * len(planted)
        assert len(np.intersect1d(reported, planted)) >= 0.7 * len(reported)
    assert len(found.hotspots) == 2


def test_the_time_span_is_the_outage_and_the_whole_period(two_faults):
    *_, found = two_faults
    spans = found.hotspots.set_index("class_group")
    assert spans.loc["access", "from"] == START + pd.Timedelta(days=20)
    assert spans.loc["access", "to"] == START + pd.Timedelta(days=22)
    assert (spans.loc["coverage", "to"] - spans.loc["coverage", "from"]).days >= 0.8 * DAYS


def test_the_sentence_says_what_ended_and_what_may_be_older_than_the_data(two_faults):
    *_, found = two_faults
    for _, hotspot in found.hotspots.iterrows():
        open_start = hotspot["from"] == START
        assert ("at least since 2024-01-01" in hotspot["sentence_en"]) == open_start
        assert ("至少自 2024-01-01" in hotspot["sentence_zh"]) == open_start
        closed_end = hotspot["to"] < START + pd.Timedelta(days=DAYS)
        assert ("not after" in hotspot["sentence_en"]) == closed_end
    outage = found.hotspots.set_index("class_group").loc["access", "sentence_en"]
    assert "not after 2024-01-22" in outage


def test_figures_agree_with_the_members(two_faults):
    *_, found = two_faults
    for _, hotspot in found.hotspots.iterrows():
        mine = found.members[found.members["hotspot_id"] == hotspot["hotspot_id"]]
        assert len(mine) == hotspot["contacts"]
        assert hotspot["customers"] == sum(hotspot["classes"].values())  # here nobody complains twice
        assert hotspot["relative_risk"] == pytest.approx(hotspot["customers"] / hotspot["expected"])
        assert hotspot["risk_low"] < hotspot["relative_risk"] < hotspot["risk_high"]
        assert hotspot["p_value"] <= 0.05
        assert str(hotspot["customers"]) in hotspot["sentence_en"]
        assert str(hotspot["customers"]) in hotspot["sentence_zh"]
        assert hotspot["outline"]["type"] in {"Polygon", "MultiPolygon"}
        trend = hotspot["trend"]
        assert len(trend) == DAYS
    assert found.hotspots["rank"].tolist() == [1, 2]
    excess = found.hotspots["customers"] - found.hotspots["expected"]
    assert excess.is_monotonic_decreasing


def test_one_customer_calling_twenty_times_is_one():
    rows = pd.concat([background(4, 300), plant([100], (5, 6), 20, "NO_COVERAGE")], ignore_index=True)
    keys = [f"k{i}" for i in range(300)] + ["caller"] * 20
    found = run(*tables_of(rows, customers=keys))
    assert found.hotspots.empty
    rates = found.hex_rates.set_index(["hex", "class_group"]).loc[(HEXES[100], "coverage")]
    assert rates["contacts"] - rates["customers"] == 19


def test_dense_places_are_explained_by_their_exposure():
    busiest = int(np.argmax(SUBSCRIBERS))
    found = run(*tables_of(background(6, 900)), groups=("coverage", "all"))
    for hexes in found.hotspots["hexes"]:
        assert grid.hex_to_text(HEXES[[busiest]])[0] not in [h for h, _ in hexes]
    row = found.hex_rates.set_index(["hex", "class_group"]).loc[(HEXES[busiest], "all")]
    assert row["customers"] == pytest.approx(row["expected"], rel=0.5)


def test_a_pile_of_coarse_fixes_is_left_out_and_said():
    rows = pd.concat([background(7, 300), plant([50], (0, DAYS), 80, "NO_COVERAGE")], ignore_index=True)
    complaints, fixes, exposure = tables_of(rows)
    fixes.loc[300:, "precision"] = "city"

    def careful(chosen: pd.DataFrame, resolution: int) -> pd.DataFrame:
        return weigh(chosen[chosen["precision"] != "city"], resolution)

    found = detect(
        complaints, fixes, exposure, tables.empty(tables.SATISFIED), careful, default_config(),
        ScanOptions(resolution=9, replicas=99, max_rings=4),
    )  # fmt: skip
    assert found.hotspots.empty
    assert any("80 of 380" in note for note in found.notes)


def test_a_single_complaint_where_nobody_lives_is_no_hotspot():
    rows = pd.concat([background(8, 300), plant([10], (3, 4), 1, "NO_COVERAGE")], ignore_index=True)
    complaints, fixes, exposure = tables_of(rows)
    exposure.loc[[10], "customers"] = 0.0
    assert run(complaints, fixes, exposure).hotspots.empty


def test_matters_outside_the_network_never_count():
    rows = pd.concat([background(9, 300), plant([80], (3, 9), 40, "NON_NETWORK"), plant([90], (3, 9), 40, "ROAMING")])
    assert run(*tables_of(rows.reset_index(drop=True))).hotspots.empty


def test_a_problem_in_several_classes_is_one_hotspot_with_a_mix():
    spot = disk_positions(120, 1)
    plants = [plant(spot, (10, 13), 14, code, seed) for seed, code in enumerate(["NO_COVERAGE", "SLOW_DATA"])]
    found = run(*tables_of(pd.concat([background(10), *plants], ignore_index=True)))
    assert len(found.hotspots) == 1
    assert {"NO_COVERAGE", "SLOW_DATA"} <= set(found.hotspots["classes"].iloc[0])


def test_satisfied_calls_explain_complaints():
    rng = np.random.default_rng(11)
    rows = background(11, 600)
    lat, lon = grid.hex_to_latlon(HEXES)
    # Twenty times as many reports in one hex, good ones and bad ones alike: no hotspot there.
    crowd = plant([33], (0, DAYS), 60, "NO_COVERAGE")
    complaints, fixes, _ = tables_of(pd.concat([rows, crowd], ignore_index=True))
    at = np.concatenate([rng.choice(len(HEXES), 1200, p=SUBSCRIBERS / SUBSCRIBERS.sum()), np.full(150, 33)])
    satisfied = tables.conform(
        pd.DataFrame(
            {
                "source_key": [str(i) for i in range(len(at))],
                "accepted_at": (START + pd.to_timedelta(rng.uniform(0, DAYS, len(at)), unit="D")).tz_convert("UTC"),
                "time_step": "instant",
                "lat": lat[at],
                "lon": lon[at],
            }
        ),
        tables.SATISFIED,
    )
    none = tables.empty(tables.EXPOSURE)
    found = run(complaints, fixes, none, satisfied, groups=("all",))
    assert found.hotspots.empty
    assert "satisfied calls" in " ".join(found.notes)


def test_without_exposure_the_class_mix_or_history_is_the_yardstick():
    spot = disk_positions(150, 1)
    rows = pd.concat([background(12, 600), plant(spot, (10, 12), 20, "NO_COVERAGE")], ignore_index=True)
    complaints, fixes, _ = tables_of(rows)
    found = run(complaints, fixes, tables.empty(tables.EXPOSURE))
    assert len(found.hotspots) == 1
    assert set(found.hotspots["expectation"]) <= {"class_mix", "history"}
    assert any("no exposure" in note for note in found.notes)


def test_month_dated_complaints_force_monthly_steps():
    complaints, fixes, exposure = tables_of(background(13, 200))
    complaints["time_step"] = "month"
    found = run(complaints, fixes, exposure, step="day", groups=("all",))
    assert any("monthly" in note for note in found.notes)


def test_the_answer_does_not_depend_on_threads_or_row_order():
    rows = pd.concat([background(14, 300), plant([70, 71], (4, 6), 15, "NO_COVERAGE")], ignore_index=True)
    complaints, fixes, exposure = tables_of(rows)
    one = run(complaints, fixes, exposure, threads=1)
    shuffled = complaints.sample(frac=1, random_state=1).reset_index(drop=True)
    two = run(shuffled, fixes.sample(frac=1, random_state=2).reset_index(drop=True), exposure, threads=2)
    columns = ["customers", "expected", "llr", "p_raw", "p_value", "from", "to"]
    pd.testing.assert_frame_equal(one.hotspots[columns], two.hotspots[columns])


def test_nothing_in_nothing_out():
    found = run(*(tables.empty(t) for t in (tables.COMPLAINTS, tables.FIXES, tables.EXPOSURE)))
    assert found.hotspots.empty
    assert found.notes


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"alpha": 0}, "alpha"),
        ({"max_share": 0.9}, "max_share"),
        ({"step": "hour"}, "step"),
        ({"groups": ("billing",)}, "groups"),
        ({"replicas": 3}, "replicas"),
        ({"max_rings": 99}, "max_rings"),
        ({"since": pd.Timestamp("2024-01-01").to_pydatetime()}, "since"),
    ],
)
def test_options_are_checked(options, field):
    with pytest.raises(InputError) as caught:
        ScanOptions(**options)
    assert caught.value.field == field


def test_months_without_data_cost_nothing_and_split_nothing():
    rows = pd.concat([background(15, 400), plant([90, 91], (0, DAYS), 25, "NO_COVERAGE")], ignore_index=True)
    complaints, fixes, _ = tables_of(rows)
    at = np.random.default_rng(0).choice(
        pd.to_datetime(["2018-04-10", "2019-09-10", "2023-01-10"], utc=True), len(rows)
    )
    complaints["accepted_at"] = pd.Series(pd.DatetimeIndex(at)).astype(complaints["accepted_at"].dtype)
    complaints["time_step"] = "month"
    satisfied = tables.conform(
        pd.DataFrame(
            {
                "source_key": complaints["complaint_id"],
                "accepted_at": complaints["accepted_at"],
                "time_step": "month",
                "lat": fixes["lat"],
                "lon": fixes["lon"],
            }
        ).iloc[:400],
        tables.SATISFIED,
    )
    found = run(complaints, fixes, tables.empty(tables.EXPOSURE), satisfied, groups=("coverage",))
    assert len(found.hotspots) == 1
    assert found.hotspots["from"].iloc[0] < pd.Timestamp("2018-04-02", tz="UTC")
    assert found.hotspots["to"].iloc[0] > pd.Timestamp("2023-01-30", tz="UTC")


def country(seed: int, spread: float = 0.0) -> pd.DataFrame:
    """Complaints of 90 towns far apart whose people complain at rates of their own; exposure as everywhere."""
    rng = np.random.default_rng(seed)
    lat = (25.0 + 1.1 * (np.arange(90) // 10))[:, None] + rng.uniform(-0.06, 0.06, (90, 40))
    lon = (70.0 + 1.3 * (np.arange(90) % 10))[:, None] + rng.uniform(-0.06, 0.06, (90, 40))
    rate = rng.gamma(1 / spread, spread, 90) if spread else np.ones(90)
    counts = rng.poisson(np.repeat(rate[:, None], 40, axis=1))
    return pd.DataFrame({"lat": lat.ravel(), "lon": lon.ravel(), "count": counts.ravel()})


def analysed(places: pd.DataFrame, hole: int = 0):
    rng = np.random.default_rng(9)
    counts = places["count"].to_numpy().copy()
    if hole:
        apart = np.hypot(places["lat"][:40] - places["lat"][0], places["lon"][:40] - places["lon"][0])
        counts[np.argsort(apart)[:hole]] += 10
    at = np.repeat(np.arange(len(places)), counts)
    rows = pd.DataFrame({"position": 0, "day": rng.uniform(0, DAYS, len(at)), "class": "NO_COVERAGE"})
    complaints, fixes, _ = tables_of(rows)
    fixes["lat"], fixes["lon"] = places["lat"].to_numpy()[at], places["lon"].to_numpy()[at]
    exposure = places[["lat", "lon"]].assign(customers=100.0, kind="subscribers")
    return run(
        complaints, fixes, tables.conform(exposure, tables.EXPOSURE), groups=("coverage",), resolution=7, max_rings=2
    )


def test_provinces_with_rates_of_their_own_are_no_hotspots_but_a_hole_in_one_is():
    uneven = country(1, spread=0.5)
    found = analysed(uneven)
    assert any("regions differ" in note for note in found.notes)
    assert found.hotspots.empty
    found = analysed(uneven, hole=5)
    assert len(found.hotspots) >= 1
    assert found.hotspots["lat"].iloc[0] == pytest.approx(25.0, abs=0.2)
    assert found.hotspots["lon"].iloc[0] == pytest.approx(70.0, abs=0.2)


def test_even_rates_are_tested_as_poisson():
    found = analysed(country(2))
    assert any("Poisson" in note for note in found.notes)
    assert found.hotspots.empty
