"""What a caller may choose about a hotspot analysis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geoservice.errors import InputError

GROUPS = ("coverage", "drop", "access", "voice", "data", "terminal", "all")
STEPS = ("auto", "day", "week", "month")


@dataclass(frozen=True)
class ScanOptions:
    """Options of :func:`geoservice.hotspots.detect`.

    Parameters
    ----------
    since, until : aware times; None = first and last complaint. ``until`` is excluded.
    resolution : H3 resolution; None = chosen from the data and stated in the notes.
    groups : class groups to scan, of :data:`GROUPS`; None = all of them.
    replicas : Monte Carlo replicates per group; alpha : false-discovery level over everything reported.
    max_rings : largest ring window; max_share : largest share of the expectation inside a window.
    step : time step; month-dated complaints force ``month``.
    prospective : only windows that end at the last step ("what is going on now?").
    run_id : run the hotspots belong to. threads : None = all cores; the result does not depend on it.
    """

    since: datetime | None = None
    until: datetime | None = None
    resolution: int | None = None
    groups: tuple[str, ...] | None = None
    replicas: int = 999
    alpha: float = 0.05
    seed: int = 20_240_229
    max_rings: int = 8
    max_share: float = 0.25
    step: str = "auto"
    prospective: bool = False
    run_id: str = "run"
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.tzinfo is None:
                raise InputError(f"{name} needs a time zone, e.g. 2024-03-01T00:00+08:00", field=name)
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InputError("since must be before until", field="since")
        if self.step not in STEPS:
            raise InputError(f"step {self.step!r} is not one of {', '.join(STEPS)}", field="step")
        unknown = sorted(set(self.scanned) - set(GROUPS))
        if unknown or not self.scanned:
            raise InputError(f"unknown class group {unknown}; known: {', '.join(GROUPS)}", field="groups")
        self._check_numbers()

    @property
    def scanned(self) -> tuple[str, ...]:
        """The groups to scan."""
        return GROUPS if self.groups is None else self.groups

    def _check_numbers(self) -> None:
        if not 0.0 < self.alpha < 1.0:
            raise InputError(f"alpha {self.alpha} is not between 0 and 1", field="alpha")
        if not 0.0 < self.max_share <= 0.5:
            raise InputError(f"max_share {self.max_share} is not in (0, 0.5]", field="max_share")
        if not 0 <= self.max_rings <= 20:
            raise InputError(f"max_rings {self.max_rings} is not from 0 to 20", field="max_rings")
        if not 19 <= self.replicas <= 99_999:
            raise InputError(f"replicas {self.replicas} is not from 19 to 99999", field="replicas")
