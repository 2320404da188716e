"""Thresholds as data: each a value with unit and source, frozen, overridable per deployment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geoservice.errors import ConfigError

DEFAULT_TIMEZONE = "Asia/Shanghai"
# Figures of the handbook that are told, but that no rule decides by: setting them anew would change nothing.
DECIDE_NOTHING = frozenset(
    {
        "rsrp_weak_drive_test", "jitter_ms", "mos_ok", "mos_good", "missing_nbr_share", "missing_nbr_samples",
        "hot_days", "sla_upward_h", "sla_field_wd",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that decides something, with its unit and where it comes from."""

    value: float
    unit: str
    source: str


class Config(Mapping[str, float]):
    """Read-only thresholds; ``config["rsrp_weak"]`` is the value, ``config.entry(...)`` all of it.

    >>> default_config()["rsrp_weak"]
    -110.0
    """

    def __init__(self, thresholds: Mapping[str, Threshold], timezone: str = DEFAULT_TIMEZONE):
        self._thresholds = MappingProxyType(dict(thresholds))
        try:
            self.timezone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(f"unknown time zone {timezone!r}; use a name like Asia/Shanghai") from error

    def __getitem__(self, name: str) -> float:
        return self._thresholds[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._thresholds)

    def __len__(self) -> int:
        return len(self._thresholds)

    def entry(self, name: str) -> Threshold:
        """The threshold with its unit and source."""
        return self._thresholds[name]


@cache
def default_config() -> Config:
    """The handbook's thresholds as shipped in ``reference/thresholds.json``."""
    text = (files("geoservice") / "reference" / "thresholds.json").read_text("utf-8")
    return Config(_parse(json.loads(text), "thresholds.json"))


def load_config(path: Path | None = None, timezone: str | None = None) -> Config:
    """The defaults with the overrides of a deployment's JSON file laid over them.

    What is not given comes from the environment (``GEOSERVICE_THRESHOLDS``, ``GEOSERVICE_TIMEZONE``), so that every
    command and the server of one deployment judge alike.

    Raises
    ------
    ConfigError
        The file is missing, is not JSON, or names a threshold that does not exist or decides nothing.
    """
    if path is None and os.environ.get("GEOSERVICE_THRESHOLDS"):
        path = Path(os.environ["GEOSERVICE_THRESHOLDS"])
    base = default_config()
    merged = {name: base.entry(name) for name in base}
    if path is not None:
        merged.update(_read_overrides(path, base))
    return Config(merged, timezone or os.environ.get("GEOSERVICE_TIMEZONE") or DEFAULT_TIMEZONE)


def _read_overrides(path: Path, base: Config) -> dict[str, Threshold]:
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as JSON ({type(error).__name__})") from error
    overrides = _parse(raw, str(path))
    for name in overrides:
        if name not in base:
            raise ConfigError(f"{path}: unknown threshold {name!r}; known: {', '.join(sorted(base))}")
        if name in DECIDE_NOTHING:
            raise ConfigError(f"{path}: {name!r} is a figure of the handbook that no rule decides by; take it out")
    return overrides


def _parse(raw: object, where: str) -> dict[str, Threshold]:
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: expected an object of thresholds")
    return {name: _threshold(name, entry, where) for name, entry in raw.items()}


def _threshold(name: str, entry: object, where: str) -> Threshold:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), int | float):
        raise ConfigError(f'{where}: {name} needs {{"value": number, "unit": text, "source": text}}')
    return Threshold(float(entry["value"]), str(entry.get("unit", "")), str(entry.get("source", "")))
