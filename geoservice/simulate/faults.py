"""Alarms, energy-saving windows, neighbour relations and planned sites, most of them harmless."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from geoservice.simulate.chance import stream
from geoservice.simulate.problems import World
from geoservice.simulate.town import ZONE_OFFSET

_HARMLESS = [
    ("25621-TEMPERATURE-HIGH", "minor"), ("26235-RF-UNIT-VSWR", "warning"), ("25888-CABINET-DOOR-OPEN", "warning"),
    ("29240-CLOCK-REFERENCE", "minor"), ("25622-MAINS-INPUT", "major"), ("26532-FAN", "minor"),
]  # fmt: skip


def alarms(world: World) -> pd.DataFrame:
    """Planted alarms among many that hurt nobody; a few planned works at dead of night."""
    rng = stream(world.town.seed, "alarms")
    number = 3 * world.cells["site"].nunique() * world.town.size.days // 90
    site = rng.choice(world.cells["site_id"].unique(), number)
    kind = rng.integers(0, len(_HARMLESS), number)
    raised = rng.integers(0, world.town.size.days * 1440, number)
    lasts = rng.exponential(240, number) + 3
    rows = [
        _alarm(world, str(s), _HARMLESS[k], int(r), float(d))
        for s, k, r, d in zip(site, kind, raised, lasts, strict=True)
    ]
    rows += _works(world, rng)
    rows += [alarm for problem in world.problems for alarm in problem.alarms]
    frame = pd.DataFrame(rows).sort_values(["raised_at", "object_key"], ignore_index=True)
    for name in ("raised_at", "cleared_at"):
        local = pd.to_datetime(frame[name], utc=True) + ZONE_OFFSET
        frame[name] = local.dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
    return frame


def _alarm(
    world: World,
    key: str,
    what: tuple[str, str],
    minute: int,
    minutes: float,
    planned: bool = False,
) -> dict[str, Any]:
    raised = world.town.start + timedelta(minutes=minute)
    return {
        "object_key": key, "code": what[0], "severity": what[1], "raised_at": raised,
        "cleared_at": raised + timedelta(minutes=round(minutes)), "service_affecting": planned, "planned_work": planned,
    }  # fmt: skip


def _works(world: World, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Software upgrades of overlay cells between two and three at night: service alarms that nobody notices."""
    overlay = world.cells.loc[world.cells["carrier"] != "L1800", "cgi"].to_numpy()
    chosen = rng.permutation(overlay)[:12]
    day = rng.integers(0, world.town.size.days, len(chosen))
    return [
        _alarm(world, str(cgi), ("22214-CELL-OUT-OF-SERVICE", "major"), int(d) * 1440 + 120, 40, True)
        for cgi, d in zip(chosen, day, strict=True)
    ]


def energy_windows(world: World) -> pd.DataFrame:
    """Shutdown windows of overlay carriers, under which another layer stays on, and the planted ones."""
    rng = stream(world.town.seed, "energy")
    overlay = world.cells.loc[world.cells["carrier"].isin(["N3500", "L2600", "L2100"]), "cgi"].to_numpy()
    chosen = np.sort(rng.permutation(overlay)[: int(0.6 * len(overlay))])
    first = (world.town.start + ZONE_OFFSET).date()
    mode = rng.choice(["symbol", "channel", "carrier", "deep_sleep"], len(chosen), p=[0.4, 0.2, 0.3, 0.1])
    harmless = pd.DataFrame(
        {
            "cgi": chosen,
            "from_local": "01:00",
            "to_local": "05:00",
            "mode": mode,
            "valid_from": str(first),
            "valid_to": "",
        }
    )
    planted = pd.DataFrame(
        [window for problem in world.problems for window in problem.windows], columns=harmless.columns
    )
    return pd.concat([harmless, planted.astype(str)], ignore_index=True) if len(planted) else harmless


def neighbours(world: World) -> pd.DataFrame:
    """Relations of base-layer cells within reach of each other, without those a problem lacks."""
    rng = stream(world.town.seed, "neighbours")
    cells = world.cells
    base = np.flatnonzero((cells["carrier"] == "L1800").to_numpy())
    xy = cells[["x", "y"]].to_numpy()[base]
    gap = np.hypot(xy[:, None, 0] - xy[:, 0], xy[:, None, 1] - xy[:, 1])
    reach = 1.55 * cells["spacing_m"].to_numpy()[base]
    src, dst = np.nonzero((gap < reach[:, None]) & ~np.eye(len(base), dtype=bool))
    closeness = np.exp(-gap[src, dst] / reach[src])
    tries = np.round(rng.poisson(9000 * closeness * world.town.size.days / 90) / 10) * 10
    done = tries - rng.binomial(tries.astype(np.int64), 0.012)
    missing = {(int(a), int(b)) for problem in world.problems for a, b in problem.missing}
    defined = np.array([(int(base[a]), int(base[b])) not in missing for a, b in zip(src, dst, strict=True)])
    frame = pd.DataFrame(
        {
            "src_cgi": cells["cgi"].to_numpy()[base[src]],
            "dst_cgi": cells["cgi"].to_numpy()[base[dst]],
            "ho_att": tries.astype(int),
            "ho_succ": done.astype(int),
            "defined": "true",
        }
    )
    return frame[defined].reset_index(drop=True)


def planned_sites(world: World) -> pd.DataFrame:
    """Sites under way, all away from the planted problems but the first one, which will mend weak ground."""
    rng = stream(world.town.seed, "planned")
    number = max(4, round(16 * world.town.radius_m / 9500))
    xy = rng.uniform(-0.75, 0.75, (number, 2)) * world.town.radius_m
    lat, lon = world.town.plane.to_latlon(xy[:, 0], xy[:, 1])
    day = pd.Timestamp(world.town.end.date()) + pd.to_timedelta(rng.integers(-40, 240, number), unit="D")
    return pd.DataFrame(
        {
            "plan_no": [f"GH2026-{k:03d}" for k in range(1, number + 1)],
            "lat": lat.round(6),
            "lon": lon.round(6),
            "status": rng.choice(["proposed", "approved", "designed", "building"], number),
            "expected_on_air": day.strftime("%Y-%m-%d"),
            "type": rng.choice(["macro", "macro", "micro", "small_cell"], number),
            "bands": rng.choice(["LTE1800", "LTE1800|NR3500", "NR700"], number),
            "height_m": rng.integers(18, 45, number),
            "azimuths": rng.choice(["0|120|240", "30|150|270", "60|180|300"], number),
        }
    )
