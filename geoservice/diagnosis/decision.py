"""The decision table as frozen values, read from ``reference/decision.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from geoservice.config import Config
from geoservice.errors import ConfigError

Bound = float | str


@dataclass(frozen=True, slots=True)
class Item:
    """One question to the evidence: is ``feature`` above, below or within a threshold?

    ``soft`` is the standard deviation of the threshold in the feature's unit, or "level" for the
    uncertainty of the signal level. ``kind`` names the weight of evidence, ``strength`` that of a
    contradiction. ``absent`` asks for a missing table instead.
    """

    what: str
    feature: str = ""
    above: Bound | None = None
    below: Bound | None = None
    soft: float | str = 0.0
    kind: str = ""
    decisive: bool = False
    table: str = ""
    strength: float = 0.0
    absent: str = ""
    times: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A gate or a scored cause."""

    cause: str
    evidence: tuple[Item, ...]
    against: tuple[Item, ...] = ()
    classes: Mapping[str, float] = field(default_factory=dict)
    located: bool = True
    need_all: bool = False


@dataclass(frozen=True)
class Decision:
    """The whole table: gates in order, scored causes, weights and limits."""

    gates: tuple[Rule, ...]
    causes: tuple[Rule, ...]
    weights: Mapping[str, float]
    location: tuple[tuple[float, float], ...]
    numbers: Mapping[str, float]
    limit: str
    gap: str


@cache
def decision() -> Decision:
    """The table as shipped.

    Raises
    ------
    ConfigError
        The file names an unknown kind of evidence or lacks a field.
    """
    text = (files("geoservice") / "reference" / "decision.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


def parse(raw: Mapping[str, Any]) -> Decision:
    """A decision table from parsed TOML."""
    try:
        table = Decision(
            gates=tuple(_rule(entry, entry["cause"]) for entry in raw["gate"]),
            causes=tuple(_rule(entry, entry["code"]) for entry in raw["cause"]),
            weights=MappingProxyType({**raw["weights"], "guard": 0.0}),
            location=tuple((float(e["up_to_m"]), float(e["factor"])) for e in raw["location"]),
            numbers=MappingProxyType({k: float(v) for k, v in raw.items() if isinstance(v, int | float)}),
            limit=raw["limit"],
            gap=raw["gap"],
        )
    except (KeyError, TypeError) as error:
        raise ConfigError(f"decision.toml: missing or unknown field {error}") from error
    _check_kinds(table)
    return table


# Kinds whose weight depends on what the value rests on.
BY_BASIS = frozenset({"level", "sinr", "indoor", "beside"})


def _check_kinds(table: Decision) -> None:
    for rule in (*table.gates, *table.causes):
        for item in rule.evidence:
            if item.kind not in table.weights and item.kind not in BY_BASIS:
                raise ConfigError(f"decision.toml: {rule.cause}, {item.what}: unknown kind {item.kind!r}")


def _rule(entry: Mapping[str, Any], cause: str) -> Rule:
    return Rule(
        cause=cause,
        evidence=tuple(_item(i) for i in entry["evidence"]),
        against=tuple(_item(i) for i in entry.get("against", ())),
        classes=MappingProxyType(dict(entry.get("classes", {}))),
        located=entry.get("located", True),
        need_all=entry.get("need_all", False),
    )


def _item(entry: Mapping[str, Any]) -> Item:
    fields = dict(entry)
    if "within" in fields:
        fields["above"], fields["below"] = fields.pop("within")
    return Item(**fields)


def bound(value: Bound, config: Config) -> float:
    """A threshold's number: itself, or the configured threshold of that name."""
    return config[value] if isinstance(value, str) else float(value)
