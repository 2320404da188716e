"""Sites and radio cells: positions, directions, carriers; the engineering parameter table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.town import ZONES, Town

Floats = NDArray[np.float64]
# carrier: rat, arfcn, centre MHz (TS 36.101 5.7.3-1, TS 38.104 5.4.2.1), MHz wide, EPRE dBm, gain dBi, HBW, VBW, slot
CARRIERS = pd.DataFrame(
    [
        ("LTE", 1300, 1815.0, 20.0, 15.2, 17.0, 65.0, 7.0, 0),
        ("LTE", 100, 2120.0, 20.0, 15.2, 17.5, 65.0, 6.5, 10),
        ("LTE", 40340, 2565.0, 20.0, 12.2, 17.5, 65.0, 6.5, 20),
        ("NR", 633332, 3499.98, 100.0, 17.8, 23.0, 65.0, 8.0, 30),
        ("NR", 152600, 763.0, 30.0, 18.2, 15.0, 68.0, 10.0, 40),
    ],
    columns=[
        "rat",
        "arfcn",
        "frequency_mhz",
        "bandwidth_mhz",
        "rs_power_dbm",
        "gain_dbi",
        "hbw_deg",
        "vbw_deg",
        "slot",
    ],
    index=["L1800", "L2100", "L2600", "N3500", "N700"],
)
_VENDORS = ("Vendor-H", "Vendor-Z", "Vendor-E")


def raise_sites(town: Town) -> pd.DataFrame:
    """Sites on a jittered hexagonal lattice per zone: ``x, y, zone, height_m, turn_deg, spacing_m``."""
    rng = stream(town.seed, "sites")
    rings = [_ring(town, zone, rng) for zone in range(4)]
    xy = np.vstack([ring for ring in rings if len(ring)])
    zone = np.repeat(np.arange(4), [len(ring) for ring in rings])
    keep = _far_enough(xy, 0.6 * np.array(town.size.spacing_m)[zone])
    xy, zone = xy[keep], zone[keep]
    height = np.array([26.0, 28.0, 34.0, 42.0])[zone] + rng.normal(0, 3, len(xy))
    return pd.DataFrame(
        {
            "x": xy[:, 0],
            "y": xy[:, 1],
            "zone": zone,
            "height_m": height.clip(15, 48).round(),
            "turn_deg": rng.uniform(0, 120, len(xy)).round(-1),
            "spacing_m": np.array(town.size.spacing_m)[zone],
        }
    )


def _ring(town: Town, zone: int, rng: np.random.Generator) -> Floats:
    spacing = town.size.spacing_m[zone]
    inner = 0.0 if zone == 0 else town.size.zone_radius_m[zone - 1]
    reach = int(town.size.zone_radius_m[zone] / (0.8 * spacing)) + 2
    i, j = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    x = spacing * (i + 0.5 * (j % 2)) + rng.uniform(0, spacing)
    y = spacing * np.sqrt(0.75) * j + rng.uniform(0, spacing)
    xy = np.column_stack([x.ravel(), y.ravel()]) + rng.normal(0, 0.07 * spacing, (i.size, 2))
    distance = np.hypot(xy[:, 0], xy[:, 1])
    return np.asarray(xy[(distance >= inner) & (distance < town.size.zone_radius_m[zone])])


def _far_enough(xy: Floats, least_m: Floats) -> NDArray[np.bool_]:
    keep = np.ones(len(xy), bool)
    gap = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    for later in range(len(xy)):  # sites, not data: a couple of hundred
        keep[later] = not (gap[later, :later][keep[:later]] < least_m[later]).any()
    return keep


def equip(town: Town, sites: pd.DataFrame) -> pd.DataFrame:
    """Radio cells of the sites, one row each, with every engineering parameter and ``x, y, site``."""
    rng = stream(town.seed, "cells")
    layers = _layers(sites, rng)
    cells = layers.loc[layers.index.repeat(3)].reset_index(drop=True)
    cells["sector"] = np.tile(np.arange(3), len(layers))
    cells = cells.join(sites, on="site").join(CARRIERS, on="carrier")
    cells["azimuth_deg"] = ((cells["turn_deg"] + 120 * cells["sector"]) % 360).round()
    _tilt(cells, rng)
    return _number(town, cells, rng)


def _layers(sites: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    zone = sites["zone"].to_numpy()
    draw = rng.random(len(sites))
    extra = [
        ("L1800", np.ones(len(sites), bool)),
        ("L2100", (zone == 1) & (draw < 0.10)),
        ("L2600", (zone == 0) & (draw < 0.20)),
        ("N3500", (zone == 0) & (draw > 0.35)),
        ("N700", (zone == 3) & (draw < 0.60)),
    ]
    parts = [pd.DataFrame({"site": np.flatnonzero(mask), "carrier": name}) for name, mask in extra]
    return pd.concat(parts, ignore_index=True).sort_values(["site", "carrier"], ignore_index=True)


def _tilt(cells: pd.DataFrame, rng: np.random.Generator) -> None:
    """Beams aimed at two thirds of the way to the next site, part electrical, part mechanical."""
    down = np.degrees(np.arctan(cells["height_m"] / (0.66 * cells["spacing_m"]))) + 2.2
    cells["mech_tilt_deg"] = rng.choice([0.0, 1.0, 2.0], len(cells))
    cells["elec_tilt_deg"] = (down - cells["mech_tilt_deg"] + rng.normal(0, 0.5, len(cells))).clip(1, 12).round()


def _number(town: Town, cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    enb = 310_000 + 7 * cells["site"] + town.seed % 7
    cells["cell_no"] = cells["slot"] + cells["sector"] + 1
    cells["cgi"] = "460-00-" + enb.astype(str) + "-" + cells["cell_no"].astype(str)
    cells["site_id"] = "S" + enb.astype(str)
    # PCI mod 3 follows the sector, so that sectors of one site never share it.
    cells["pci"] = 3 * ((cells["site"] * 11 + cells["slot"]) % 168) + cells["sector"]
    cells["tac"] = 20_481 + (cells["x"] > 0).astype(int) + 2 * (cells["y"] > 0).astype(int)
    cells["vendor"] = np.array(_VENDORS)[(cells["site"] % 3).to_numpy()]
    cells["scene"] = np.array(ZONES)[cells["zone"].to_numpy()]
    age_days = rng.integers(200, 3000, cells["site"].max() + 1)[cells["site"].to_numpy()]
    cells["on_air_date"] = (pd.Timestamp("2026-01-01") - pd.to_timedelta(age_days, unit="D")).strftime("%Y-%m-%d")
    cells["indoor"], cells["site_type"], cells["status"] = False, "macro", "active"
    return cells
