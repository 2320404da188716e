"""The radio world: its laws, and its shadowing against Gudmundson's model."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geoservice.simulate
from geoservice.simulate.air import (
    SHADOW_DISTANCE_M,
    SHADOW_SIGMA_DB,
    SITE_CORRELATION,
    Patch,
    horizontal_db,
    open_air,
    path_loss_db,
    shadow_field,
    vertical_db,
)
from geoservice.simulate.masts import equip, raise_sites
from geoservice.simulate.town import found_town


@pytest.fixture(scope="module")
def air():
    town = found_town(21, "town")
    return open_air(town, equip(town, raise_sites(town)))


def test_shadow_correlation_is_gudmundsons():
    """exp(-d/80 m) along both axes and the diagonal, from eight independent fields."""
    rng = np.random.default_rng(5)
    fields = [shadow_field(rng, 256, 20.0) for _ in range(8)]
    assert np.mean([field.var() for field in fields]) == pytest.approx(1, abs=0.05)
    for steps in (1, 2, 4, 8, 12):
        for shift in ((steps, 0), (0, steps), (steps, steps)):
            product = np.mean([(field * np.roll(field, shift, (0, 1))).mean() for field in fields])
            expected = np.exp(-20.0 * np.hypot(*shift) / SHADOW_DISTANCE_M)
            assert product == pytest.approx(expected, abs=0.05), (steps, shift)


def test_two_sites_share_half_their_shadow(air):
    rng = np.random.default_rng(6)
    xy = rng.uniform(-10_000, 10_000, (20_000, 2))
    shadow = air._shadow(xy, np.arange(5))
    correlation = np.corrcoef(shadow.T)[np.triu_indices(5, 1)]
    assert correlation == pytest.approx(SITE_CORRELATION, abs=0.08)
    assert shadow.std() == pytest.approx(SHADOW_SIGMA_DB, rel=0.08)


def test_path_loss_is_continuous_and_has_two_slopes():
    distance = np.array([[100.0, 109.9, 110.1, 1000.0, 2000.0]], np.float32).repeat(1, axis=0)
    loss = path_loss_db(distance, np.array([0]))[0]
    assert abs(loss[2] - loss[1]) < 0.1
    assert loss[4] - loss[3] == pytest.approx(40.5 * np.log10(2), abs=0.05)


def test_antenna_halves_at_half_the_beam():
    cells = pd.DataFrame(
        {"hbw_deg": [65.0], "vbw_deg": [7.0], "height_m": [31.5], "elec_tilt_deg": [4.0], "mech_tilt_deg": [2.0]}
    )
    assert horizontal_db(np.array([[0.0], [32.5], [-32.5], [180.0]]), cells).ravel() == pytest.approx(
        [0, -3, -3, -26], abs=1e-3
    )
    on_axis = 30 / np.tan(np.radians(6))
    half_up = 30 / np.tan(np.radians(2.5))
    assert vertical_db(np.array([[on_axis], [half_up]]), cells).ravel() == pytest.approx([0, -3], abs=1e-2)


def test_patch_acts_inside_and_fades_out(air):
    gain = np.full(len(air.cells), -30, np.float32)
    xy = np.array([[0.0, 0.0], [280.0, 0.0], [345.0, 0.0], [500.0, 0.0]])
    change = (air.with_patch(Patch(0, 0, 300, gain)).levels(xy) - air.levels(xy))[:, 0]
    assert change == pytest.approx([-30, -30, -15, 0], abs=1e-2)


def test_levels_do_not_depend_on_the_company_of_points(air):
    xy = np.random.default_rng(1).uniform(-3000, 3000, (50, 2))
    assert np.array_equal(air.levels(xy)[7:8], air.levels(xy[7:8]))


def test_the_room_never_asks_the_engines_model():
    """Honest scoring: nothing here may import the radio tools or the coverage step."""
    for path in Path(geoservice.simulate.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.startswith(("geoservice.radio", "geoservice.coverage"))], path.name
