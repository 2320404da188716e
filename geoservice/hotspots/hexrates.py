"""Rates of every hex and group for display: smoothed risk, Gi* and emerging class."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import tables
from geoservice.hotspots.search import Setting
from geoservice.stats.emerging import emerging_classes, mann_kendall
from geoservice.stats.gistar import gi_star, normal_p_value
from geoservice.stats.multiple import benjamini_hochberg
from geoservice.stats.rates import empirical_bayes

Floats = NDArray[np.float64]
# Ten or more bins make a Mann–Kendall test meaningful; longer bins hold more complaints.
BINS = 12


def hex_rates(setting: Setting) -> pd.DataFrame:
    """Table HEX_RATES: every hex with exposure or complaints, for every group that has complaints."""
    parts = [group_rates(setting, group) for group in setting.options.scanned]
    return tables.concat((part for part in parts if part is not None), tables.HEX_RATES)


def group_rates(setting: Setting, group: str) -> pd.DataFrame | None:
    """Rates of one group; None without complaints. Computed once per setting and group."""
    if group not in setting.rates:
        setting.rates[group] = _rates(setting, group)
    return setting.rates[group]


def _rates(setting: Setting, group: str) -> pd.DataFrame | None:
    frame = setting.first(group)
    if frame.empty:
        return None
    expected = setting.usual(group).expected
    customers, contacts = _weighted(setting, group)
    positions, steps = setting.cells(frame)
    binned, usual = _binned(positions, steps, expected)
    disk = setting.region.disk(1)
    residual = (binned - usual) / np.sqrt(usual + usual.mean())
    series = gi_star(residual, disk)
    z = gi_star(residual.sum(axis=1), disk)
    kind = emerging_classes(series, *_trend(series)) if series.shape[1] >= 4 else np.full(len(z), "", object)
    rates = pd.DataFrame(
        {
            "hex": setting.region.hexes,
            "class_group": group,
            "customers": customers,
            "contacts": contacts,
            "expected": expected.sum(axis=1),
            "rate": empirical_bayes(customers, expected.sum(axis=1)),
            "gi_z": z,
            "gi_p": benjamini_hochberg(normal_p_value(z)),
            "emerging": kind,
        }
    )
    return tables.conform(rates, tables.HEX_RATES)


def _trend(series: Floats) -> tuple[Floats, Floats]:
    z, p = mann_kendall(series)
    return p, z


def _weighted(setting: Setting, group: str) -> tuple[Floats, Floats]:
    """Location-weighted distinct customers and contacts of every hex."""
    frame, weights = setting.events.frame, setting.events.weights
    chosen = frame if group == "all" else frame[frame["group"] == group]
    mine = weights[weights["complaint_id"].isin(chosen["complaint_id"])]
    contacts = mine.groupby("hex")["weight"].sum()
    customers = mine.groupby(["hex", "customer"])["weight"].max().groupby("hex").sum()
    hexes = setting.region.hexes
    return (
        customers.reindex(hexes, fill_value=0.0).to_numpy(float),
        contacts.reindex(hexes, fill_value=0.0).to_numpy(float),
    )


def _binned(positions: NDArray[np.int64], steps: NDArray[np.int64], expected: Floats) -> tuple[Floats, Floats]:
    """Observed and expected counts in about ``BINS`` equal time bins."""
    hexes, length = expected.shape
    bins = min(BINS, length)
    of_step = np.arange(length) * bins // length
    counts = np.bincount(positions * bins + of_step[steps], minlength=hexes * bins).reshape(hexes, bins)
    edges = np.searchsorted(of_step, np.arange(bins))
    return counts.astype(float), np.add.reduceat(expected, edges, axis=1)
