"""What to build at a spot: type, height, carrier and azimuths, tried with the what-if of coverage."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import geodesy
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.radio.benefit import effect
from geoservice.records import CellChange, WhatIf
from geoservice.siting.area import Area
from geoservice.siting.place import Spot

MIN_LIFTED = 0.8
_ROTATIONS_DEG = (0.0, 30.0, 60.0, 90.0)
_TEMPLATE_COLUMNS = ("rat", "arfcn", "frequency_mhz", "bandwidth_mhz", "operator", "vendor")
# A macro panel on a common low LTE carrier where no neighbour tells better (EARFCN 1300 = 1815 MHz).
_FALLBACK = {"rat": "LTE", "arfcn": 1300, "frequency_mhz": 1815.0, "bandwidth_mhz": 20.0}


@dataclass(frozen=True, slots=True)
class SiteKind:
    """A type of site as ``reference/site_types.csv`` describes it."""

    type: str
    height_m: float
    rs_power_dbm: float
    gain_dbi: float
    hbw_deg: float
    vbw_deg: float
    elec_tilt_deg: float
    sectors: int
    cost: float


@dataclass(frozen=True)
class Proposal:
    """A site at a spot and what it would bring.

    ``outcome`` is the what-if behind the figures, ``changes`` the cells that were tried in it.
    """

    spot: Spot
    kind: SiteKind
    height_m: float
    band_mhz: float
    azimuths: tuple[float, ...]
    lifted_share: float
    gain_customers: float
    harm_customers: float
    passed_over: tuple[Proposal, ...] = ()
    changes: tuple[CellChange, ...] = field(default=(), repr=False, compare=False)
    outcome: pd.DataFrame | None = field(default=None, repr=False, compare=False)

    @property
    def net_customers(self) -> float:
        """Customers better off less customers worse off."""
        return self.gain_customers - self.harm_customers

    @property
    def shortfall(self) -> str:
        """Why the proposal is not good, in both languages."""
        if self.lifted_share < MIN_LIFTED:
            share = f"{self.lifted_share:.0%}"
            return f"仅改善 {share} 未覆盖六边形（要求 80%） / lifts only {share} of the uncovered hexes (80 % needed)"
        return "受损用户多于受益用户 / harms more customers than it helps"

    @property
    def good(self) -> bool:
        """Lifts enough of the hexes and helps more customers than it harms."""
        return self.lifted_share >= MIN_LIFTED and self.net_customers >= 0


@cache
def site_kinds() -> dict[str, SiteKind]:
    """Types of sites, cheapest first."""
    text = (files("geoservice") / "reference" / "site_types.csv").read_text("utf-8")
    kinds = [_kind(row) for row in csv.DictReader(text.splitlines())]
    return {kind.type: kind for kind in sorted(kinds, key=lambda kind: kind.cost)}


def propose(
    spot: Spot, area: Area, cells: pd.DataFrame, what_if: WhatIf, config: Config, prefix: str
) -> Iterator[Proposal]:
    """Proposals at one spot, cheapest type first, the azimuths of each type turned to the best."""
    template = template_of(spot, cells)
    for kind in site_kinds().values():
        if kind.type != "DAS":
            height = _height(kind, spot, cells)
            turned = [
                _try(spot, kind, height, azimuths, template, area, what_if, config, prefix)
                for azimuths in _azimuth_sets(kind)
            ]
            yield max(turned, key=lambda p: (p.lifted_share, p.net_customers))


def indoor_system(spot: Spot, area: Area, cells: pd.DataFrame) -> Proposal:
    """A distributed antenna system: its effect is a design target, not computed outdoors."""
    kind = site_kinds()["DAS"]
    band = _number(template_of(spot, cells)["frequency_mhz"])
    return Proposal(spot, kind, kind.height_m, band, (), float("nan"), float("nan"), 0.0)


def new_cells(
    spot: Spot, kind: SiteKind, height_m: float, azimuths: tuple[float, ...], template: dict[str, object], prefix: str
) -> list[CellChange]:
    """The site's cells as changes of kind ``new``; each row is a whole row of table ``cells``."""
    changes = []
    for number, azimuth in enumerate(azimuths or (float("nan"),), start=1):
        cgi = f"{prefix}-{number}"
        row = {
            **template, "cgi": cgi, "cell_name": cgi, "site_id": prefix, "site_name": prefix,
            "lat": spot.lat, "lon": spot.lon, "height_m": height_m, "azimuth_deg": azimuth, "mech_tilt_deg": 0.0,
            "elec_tilt_deg": kind.elec_tilt_deg, "hbw_deg": kind.hbw_deg, "vbw_deg": kind.vbw_deg,
            "gain_dbi": kind.gain_dbi, "rs_power_dbm": kind.rs_power_dbm, "indoor": False, "site_type": kind.type,
            "status": "active", "position_source": "engineering",
        }  # fmt: skip
        changes.append(CellChange(cgi, "new", None, row))
    return changes


def site_cells(
    lat: float, lon: float, type_: str, cells: pd.DataFrame, prefix: str, height_m: float | None = None,
    azimuths: tuple[float, ...] = (),
) -> list[CellChange]:  # fmt: skip
    """The cells of a site that somebody wants to try: its type's antennas on the neighbours' carrier.

    Parameters
    ----------
    type_ : a type of ``reference/site_types.csv`` that radiates outdoors (``macro``, ``micro``).
    prefix : name of the site; the cells are numbered after it.
    height_m, azimuths : where they are not given, the height of like sites around and sectors spread evenly.

    Raises
    ------
    InputError
        The type is not known.
    """
    kinds = {name: kind for name, kind in site_kinds().items() if name != "DAS"}
    if type_ not in kinds:
        raise InputError(f"site type {type_!r} cannot be tried outdoors; use one of {', '.join(kinds)}", field="type")
    kind, spot = kinds[type_], Spot(lat, lon)
    height = _height(kind, spot, cells) if height_m is None else height_m
    spread = azimuths if kind.sectors > 1 and azimuths else _azimuth_sets(kind)[0]
    return new_cells(spot, kind, height, spread, template_of(spot, cells), prefix)


def _try(
    spot: Spot, kind: SiteKind, height_m: float, azimuths: tuple[float, ...], template: dict[str, object],
    area: Area, what_if: WhatIf, config: Config, prefix: str,
) -> Proposal:  # fmt: skip
    changes = tuple(new_cells(spot, kind, height_m, azimuths, template, prefix))
    outcome = what_if(changes)
    found = effect(outcome, config)
    band, lifted = _number(template["frequency_mhz"]), lifted_share(outcome, area, config)
    return Proposal(
        spot, kind, height_m, band, azimuths, lifted, found.gain, found.harm, changes=changes, outcome=outcome
    )


def lifted_hexes(outcome: pd.DataFrame, area: Area, config: Config) -> NDArray[np.bool_]:
    """Which hexes of the area reach the weak threshold after the change."""
    after = outcome["rsrp_after_dbm"].to_numpy(float, na_value=np.nan)
    return np.isin(area.hexes, outcome["hex"].to_numpy(np.int64)[after >= config["rsrp_weak"]])


def lifted_share(outcome: pd.DataFrame, area: Area, config: Config) -> float:
    """Share of the area's hexes that reach the weak threshold after the change."""
    return float(lifted_hexes(outcome, area, config).mean()) if len(area.hexes) else 0.0


def _azimuth_sets(kind: SiteKind) -> list[tuple[float, ...]]:
    if kind.sectors == 1:
        return [()]
    step = 360.0 / kind.sectors
    return [tuple(float((r + step * i) % 360.0) for i in range(kind.sectors)) for r in _ROTATIONS_DEG if r < step]


def template_of(spot: Spot, cells: pd.DataFrame) -> dict[str, object]:
    """Technology and carrier of the nearest outdoor LTE or NR cell, lowest carrier first at its site."""
    usable = cells[cells["rat"].isin(["LTE", "NR"]).to_numpy(bool) & cells["frequency_mhz"].notna().to_numpy(bool)]
    usable = usable[~usable["indoor"].fillna(False).to_numpy(bool)]
    if usable.empty:
        return {name: _FALLBACK.get(name) for name in _TEMPLATE_COLUMNS}
    distance = geodesy.distance_m(spot.lat, spot.lon, usable["lat"].to_numpy(), usable["lon"].to_numpy())
    order = np.lexsort((usable["frequency_mhz"].to_numpy(float), np.round(distance, -1)))
    row = usable.iloc[int(order[0])]
    return {name: _plain(row.get(name)) for name in _TEMPLATE_COLUMNS}


def _height(kind: SiteKind, spot: Spot, cells: pd.DataFrame) -> float:
    """Median height of the ten nearest cells of the type; the type's own where none is known."""
    same = cells[(cells["site_type"] == kind.type).fillna(False).to_numpy(bool) & cells["height_m"].notna().to_numpy()]
    if same.empty:
        return kind.height_m
    distance = geodesy.distance_m(spot.lat, spot.lon, same["lat"].to_numpy(), same["lon"].to_numpy())
    return float(same["height_m"].iloc[np.argsort(distance, kind="stable")[:10]].median())


def _kind(row: dict[str, str]) -> SiteKind:
    numbers = {
        k: float(row[k]) for k in ("height_m", "rs_power_dbm", "gain_dbi", "hbw_deg", "vbw_deg", "elec_tilt_deg")
    }
    return SiteKind(type=row["type"], sectors=int(row["sectors"]), cost=float(row["cost"]), **numbers)


def _plain(value: object) -> object:
    return None if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else value


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.number) else float("nan")
