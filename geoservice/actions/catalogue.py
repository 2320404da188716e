"""The catalogue of actions A01-A20, the steps each cause asks for, and the customer scripts T1-T8."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from geoservice.config import Config
from geoservice.workdays import add_working_days


@dataclass(frozen=True, slots=True)
class Action:
    """An action: cost class 0 remote, 1 site visit, 2 indoor or small cell, 3 new macro."""

    code: str
    name_zh: str
    name_en: str
    cost_class: int
    computed: bool
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a cause asks for: an action, who does it, within what time, what the customer is told."""

    cause: str
    action: str
    department: str
    sla: int
    sla_unit: str
    script: str

    @property
    def sla_text(self) -> str:
        """``48 h`` or ``5 WD`` (working days)."""
        return f"{self.sla} {self.sla_unit}"

    def due(self, now: datetime, config: Config) -> datetime:
        """Latest moment by which the step must be done."""
        if self.sla_unit == "h":
            return now + timedelta(hours=self.sla)
        return add_working_days(now, self.sla, config.timezone)


@dataclass(frozen=True, slots=True)
class Script:
    """What the customer is told, Chinese and English."""

    code: str
    zh: str
    en: str


@cache
def actions() -> Mapping[str, Action]:
    """All actions by code."""
    found = {}
    for row in _rows("actions.csv"):
        found[row["action"]] = Action(
            code=row["action"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            cost_class=int(row["cost_class"]),
            computed=row["computed"] == "yes",
            sentence_zh=row["sentence_zh"],
            sentence_en=row["sentence_en"],
        )
    return MappingProxyType(found)


@cache
def steps(cause: str) -> tuple[Step, ...]:
    """Steps a cause asks for, in order; a roaming sub-code asks for what roaming asks for."""
    family = "K_ROAM" if cause.startswith("K_ROAM") else cause
    rows = sorted((r for r in _rows("cause_actions.csv") if r["cause"] == family), key=lambda r: int(r["order"]))
    return tuple(Step(cause, r["action"], r["department"], int(r["sla"]), r["sla_unit"], r["script"]) for r in rows)


@cache
def scripts() -> Mapping[str, Script]:
    """Customer scripts by code."""
    return MappingProxyType({row["script"]: Script(*row.values()) for row in _rows("scripts.csv")})


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("geoservice") / "reference" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
