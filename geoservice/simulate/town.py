"""The ground: zones, people and the measure of a simulated city."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geoservice.errors import InputError
from geoservice.simulate.chance import stream
from geoservice.simulate.plane import Plane

Floats = NDArray[np.float64]
# 2026-03-02 00:00 at +08:00, a Monday: weeks of the sample start where weeks of work start.
START = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
ZONE_OFFSET = timedelta(hours=8)
ZONES = ("core", "urban", "suburb", "rural")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is: zone radii and site spacings from the centre outwards, counts, days."""

    name: str
    zone_radius_m: tuple[float, float, float, float]
    spacing_m: tuple[float, float, float, float]
    subscribers: int
    complaints: int
    days: int
    hourly_days: int
    samples: int
    problems: tuple[str, ...]


_ALL = (
    "INDOOR", "CONG", "VOICE", "NODOM", "PCI", "ULINTF", "TX", "TERM", "ACCESS", "NBR", "SLEEP", "ECHO",
    "OVERSHOOT", "OUTAGE", "ENERGY", "HOLE", "HOLE", "WEAK", "WEAK",
)  # fmt: skip
SIZES = {
    "city": Size("city", (1800, 4000, 6500, 9500), (515, 840, 1560, 2650), 240_000, 6_000, 90, 46, 42_000, _ALL),
    "town": Size("town", (0, 1700, 3300, 4300), (560, 900, 1700, 3000), 22_000, 400, 30, 30, 5_000,
                 ("CONG", "ULINTF", "OUTAGE", "HOLE", "WEAK")),
}  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A place to simulate: its plane, size, seed and period."""

    seed: int
    size: Size
    plane: Plane
    start: datetime = START
    centres: Floats = field(default_factory=lambda: np.zeros((0, 3)))

    @property
    def end(self) -> datetime:
        """First instant after the period."""
        return self.start + timedelta(days=self.size.days)

    @property
    def radius_m(self) -> float:
        return self.size.zone_radius_m[-1]

    def zone(self, xy: Floats) -> NDArray[np.int64]:
        """Zone number of points: 0 core, 1 urban, 2 suburb, 3 rural."""
        distance = np.hypot(xy[:, 0], xy[:, 1])
        return np.minimum(np.searchsorted(self.size.zone_radius_m, distance, side="right"), 3).astype(np.int64)


def found_town(seed: int, size: str) -> Town:
    """A town for a seed: near 30° N 118° E, moved by the seed so that hexes differ from seed to seed."""
    if size not in SIZES:
        raise InputError(f"unknown size {size!r}; known: {', '.join(SIZES)}", field="size")
    if not 0 <= seed < 2**32:
        raise InputError(f"seed {seed} is not a whole number from 0 to 2^32 - 1", field="seed")
    rng = stream(seed, "town")
    plane = Plane(round(29.9 + 0.4 * rng.random(), 4), round(117.9 + 0.6 * rng.random(), 4))
    radii = SIZES[size].zone_radius_m
    angle = rng.uniform(0, 2 * np.pi, 5)
    reach = rng.uniform(0.55, 1.0, 5) * radii[2]
    centres = np.column_stack([reach * np.cos(angle), reach * np.sin(angle), rng.uniform(350, 800, 5)])
    return Town(seed, SIZES[size], plane, START, centres)


@dataclass(frozen=True, slots=True)
class People:
    """Where subscribers are: points of a 200 m lattice with a count each."""

    xy: Floats
    customers: Floats


def settle(town: Town, step_m: float = 200.0) -> People:
    """Subscribers on a lattice: dense centre, five subcentres, villages thinning outwards."""
    rng = stream(town.seed, "people")
    ticks = np.arange(-town.radius_m, town.radius_m + 1, step_m)
    xy = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    distance = np.hypot(xy[:, 0], xy[:, 1])
    density = _density(town, xy, distance) * rng.lognormal(0, 0.45, len(xy))
    # Beyond the town people live in villages, not everywhere.
    density *= np.where(town.zone(xy) >= 3, rng.random(len(xy)) < 0.18, rng.random(len(xy)) < 0.93)
    count = np.floor(town.size.subscribers * density / density.sum() + rng.random(len(xy)))
    lived = (count >= 1) & (distance <= town.radius_m)
    jitter = rng.uniform(-0.3 * step_m, 0.3 * step_m, (len(xy), 2))
    return People((xy + jitter)[lived], count[lived])


def _density(town: Town, xy: Floats, distance: Floats) -> Floats:
    radii = town.size.zone_radius_m
    main = np.exp(-distance / (0.42 * radii[1])) + 0.18 * (distance < radii[1]) + 0.02
    subcentres = np.zeros(len(xy))
    for x, y, spread in town.centres:
        subcentres += 0.22 * np.exp(-((xy[:, 0] - x) ** 2 + (xy[:, 1] - y) ** 2) / (2 * spread**2))
    return np.asarray(main + subcentres)
