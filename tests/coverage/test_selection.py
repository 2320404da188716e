"""What is measured of servers is corrected for their having won, and the law of the links comes out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.coverage import fit_link_law, measured
from geoservice.coverage import network as net
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import pair_links
from geoservice.coverage.selection import own_scale_db, server_gain_db
from tests.coverage.conftest import LAT, LON, lattice
from tests.coverage.test_measured import NOW, samples


@pytest.fixture(scope="module")
def urban():
    return lattice(6, 600).assign(scene="urban")


@pytest.fixture(scope="module")
def places():
    return Places.of(grid.hexes_in_box(LAT - 0.012, LON - 0.012, LAT + 0.012, LON + 0.012, 9))


def every_level(network: net.Network, places: Places) -> np.ndarray:
    """(cells, places) mean levels by the exact formulas."""
    count = len(places.hexes)
    return np.stack([pair_links(network, np.full(count, row), places).level_dbm for row in range(len(network.reach_m))])


def drawn_servers(network: net.Network, places: Places, sigma: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and level of the best server of each place when every mast has a shadowing of its own."""
    rng = np.random.default_rng(seed)
    site = network.sites.of_cell
    levels = every_level(network, places) + rng.normal(0, sigma, (site.max() + 1, len(places.hexes)))[site]
    return levels.argmax(axis=0), levels.max(axis=0)


def test_the_gain_is_that_of_gumbel_masts(urban, places, config):
    """E[level of the winner] of independent Gumbel masts, by simulation."""
    network = net.build(urban, config["sinr_load"])
    scale, rng = 3.0, np.random.default_rng(3)
    site, spot = network.sites.of_cell, 5
    mean = every_level(network, places)[:, spot]
    top = np.array([mean[site == s].max() for s in range(site.max() + 1)])
    noise = rng.gumbel(0, scale, (40_000, len(top))) - np.euler_gamma * scale
    winner, level = (top + noise).argmax(axis=1), (top + noise).max(axis=1)
    for mast in np.bincount(winner).argsort()[-3:]:
        row = np.flatnonzero((site == mast) & (mean == top[mast]))[:1]
        gain = server_gain_db(network, places, np.array([spot]), row, scale)[0]
        assert level[winner == mast].mean() - top[mast] == pytest.approx(gain, abs=0.3)


def test_alone_nobody_gains(places, config):
    network = net.build(lattice(1, 600).assign(scene="urban"), config["sinr_load"])
    gain = server_gain_db(network, places, np.arange(3), np.zeros(3, np.int64), own_scale_db(8.0))
    np.testing.assert_allclose(gain, 0.0, atol=1e-9)


def test_shadowing_does_not_flatten_the_law(urban, config):
    """The engine's own law with shadowing of 7 dB a mast: no slope is to be found, though servers show one."""
    network = net.build(urban, config["sinr_load"])
    many = Places.of(grid.hexes_in_box(LAT - 0.02, LON - 0.02, LAT + 0.02, LON + 0.02, 9))
    parts = []
    for seed in range(4):
        row, level = drawn_servers(network, many, 7.0, seed)
        parts.append(samples(np.repeat(many.hexes, 4), np.repeat(level, 4), cgi=np.repeat(network.cells.cgi[row], 4)))
    found = measured(pd.concat(parts, ignore_index=True), 9, config, NOW)
    mended = fit_link_law(urban, found, config).correction("urban", 1800)
    fitted = np.zeros(2) if mended is None else mended.at(np.array([150.0, 1000.0]))  # refused: the law was right
    naive = naive_line(network, found)
    assert np.ptp(naive) > 5.0
    assert np.ptp(fitted) < 0.6 * np.ptp(naive)
    assert np.abs(fitted).mean() < 0.6 * np.abs(naive).mean()


def naive_line(network: net.Network, found: pd.DataFrame) -> np.ndarray:
    """What a line through the servers' residuals says at 150 m and 1 km."""
    row = found["cgi"].map(network.index).to_numpy(dtype=np.int64)
    link = pair_links(network, row, Places.of(found["hex"].to_numpy(dtype=np.int64)))
    residual = found["median_dbm"].to_numpy(dtype=float) - link.level_dbm
    slope, offset = np.polyfit(np.log10(link.distance_m), residual, 1)
    return offset + slope * np.log10([150.0, 1000.0])
