"""Every complaint of a run joined with what the network was doing at its place and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoservice import grid, join, locate, tables
from geoservice.config import Config
from geoservice.pipeline.network_view import kpis_of, load
from geoservice.store import Store, period_of


@dataclass(frozen=True, slots=True)
class Contacts:
    """Tables COMPLAINT_EVIDENCE and HEX_EVIDENCE of one run."""

    complaints: pd.DataFrame
    hexes: pd.DataFrame


def contacts_of(
    store: Store, config: Config, options: Mapping[str, object], coverage: pd.DataFrame, serving: pd.DataFrame
) -> Contacts:
    """Join the complaints of a run's period.

    Parameters
    ----------
    options : of the run (see :func:`geoservice.store.period_of`).
    coverage, serving : the run's tables of these names.
    """
    data = load(store, *period_of(options))
    if data.complaints.empty:
        return Contacts(tables.empty(tables.COMPLAINT_EVIDENCE), tables.empty(tables.HEX_EVIDENCE))
    weights = _weights(data.fixes, coverage, data.exposure)
    begin = data.complaints["accepted_at"].min().to_pydatetime()
    found = join.complaint_evidence(
        data.complaints, data.fixes, weights, coverage, serving, data.cells, kpis_of(store, config, begin),
        data.alarms, data.energy_windows, data.neighbours, config,
    )  # fmt: skip
    return Contacts(found, join.hex_evidence(found, data.complaints, config))


def _weights(fixes: pd.DataFrame, coverage: pd.DataFrame, exposure: pd.DataFrame) -> pd.DataFrame:
    if coverage.empty or fixes.empty:
        return tables.empty(tables.WEIGHTS)
    resolution = int(grid.resolutions(coverage["hex"].to_numpy(np.int64)[:1])[0])
    return locate.hex_weights(fixes, resolution, exposure)
