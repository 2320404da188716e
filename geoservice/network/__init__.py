"""Network tables: text rows → typed, checked tables; what cannot be taken is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from geoservice.network.cells import clean_cells
from geoservice.network.counters import clean_alarms, clean_energy_windows, clean_kpis, clean_neighbours
from geoservice.network.draft import Cleaned
from geoservice.network.heard_cells import with_resolved_cells
from geoservice.network.places import clean_exposure, clean_gazetteer, clean_measurements, clean_planned_sites
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import KEYS

__all__ = ["CLEANERS", "KEYS", "Cleaned", "clean_exposure", "with_resolved_cells"]

CLEANERS: Mapping[str, Callable[[RawChunk, ImportOptions], Cleaned]] = MappingProxyType(
    {
        "cells": clean_cells,
        "kpis": clean_kpis,
        "alarms": clean_alarms,
        "energy_windows": clean_energy_windows,
        "neighbours": clean_neighbours,
        "measurements": clean_measurements,
        "planned_sites": clean_planned_sites,
        "exposure": clean_exposure,
        "gazetteer": clean_gazetteer,
    }
)
