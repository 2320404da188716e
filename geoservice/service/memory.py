"""What look-ups ask again and again, kept in memory as long as its tables do not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

import pandas as pd

from geoservice.service.nearby import Nearby
from geoservice.service.planned import PlannedSites
from geoservice.store import Store, to_us

T = TypeVar("T")
_MOST_ANSWERS = 20_000
# What each key means, and how far the thing reaches from its point; the first that fits is taken.
_KEYS: tuple[tuple[str, str, float, str], ...] = (
    ("cells", "cgi", 300.0, "cell"),
    ("cells", "cell_name", 300.0, "cell"),
    ("cells", "site_id", 200.0, "cell"),
    ("cells", "site_name", 200.0, "cell"),
    ("planned_sites", "plan_no", 100.0, "building"),
)
Known = tuple[float, float, float, str]


class Memory:
    """One store's small tables as dictionaries and arrays, and answers by their question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._kept: dict[str, tuple[str, Any]] = {}
        self._answers: dict[str, tuple[Hashable, OrderedDict[Hashable, Any]]] = {}
        self.nearby = Nearby(store)

    def known(self, name: str) -> Known | None:
        """Lat, lon, radius and precision of the cell, site or plan that is called exactly ``name``."""
        return self._of(("cells", "planned_sites"), "known", self._read_known).get(name)

    def sites_of(self, cgis: list[str]) -> list[str]:
        """Sites of cells, each once."""
        sites = self._of(("cells",), "sites", self._read_sites)
        return list(dict.fromkeys(sites[cgi] for cgi in cgis if cgi in sites))

    def alarms(self, keys: list[str], as_of: datetime) -> list[dict[str, Any]]:
        """Alarms that affect service on one of the objects at a moment, newest first."""
        now, found = to_us(as_of), self._of(("alarms",), "alarms", self._read_alarms)
        rows = [row for key in dict.fromkeys(keys) for row in found.get(key, ())]
        active = [
            row for row in rows if row["raised_us"] <= now and (row["cleared_us"] is None or row["cleared_us"] > now)
        ]
        return sorted(active, key=lambda row: -row["raised_us"])

    def planned(self) -> PlannedSites:
        """Sites that are planned, approved or being built."""
        return self._of(("planned_sites",), "planned", lambda: PlannedSites(self._store.read("planned_sites")))

    def remember(self, kind: str, state: Hashable, question: Hashable, made: Any) -> None:
        """Put an answer in ahead of its question."""
        self.answer(kind, state, question, lambda: made)

    def answer(self, kind: str, state: Hashable, question: Hashable, make: Callable[[], T]) -> T:
        """An answer that holds while ``state`` does; the least recently asked are forgotten."""
        with self._lock:
            if kind not in self._answers or self._answers[kind][0] != state:
                self._answers[kind] = (state, OrderedDict())
            answers = self._answers[kind][1]
            if question in answers:
                answers.move_to_end(question)
                kept: T = answers[question]
                return kept
        made = make()
        with self._lock:
            answers[question] = made
            if len(answers) > _MOST_ANSWERS:
                answers.popitem(last=False)
        return made

    def _of(self, tables: tuple[str, ...], name: str, read: Callable[[], T]) -> T:
        state = self._store.changed(*tables)
        kept = self._kept.get(name)
        if kept is None or kept[0] != state:
            kept = (state, read())
            self._kept[name] = kept
        found: T = kept[1]
        return found

    def _read_known(self) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for table, column, radius_m, precision in _KEYS:
            rows = self._store.read(table, [column, "lat", "lon"]).dropna()
            for key, lat, lon in zip(rows[column].astype(str), rows["lat"], rows["lon"], strict=True):
                found.setdefault(key, (float(lat), float(lon), radius_m, precision))
        return found

    def _read_sites(self) -> dict[str, str]:
        rows = self._store.read("cells", ["cgi", "site_id"]).dropna()
        return dict(zip(rows["cgi"].astype(str), rows["site_id"].astype(str), strict=True))

    def _read_alarms(self) -> dict[str, list[dict[str, Any]]]:
        columns = ["object_key", "code", "severity", "raised_at", "cleared_at", "planned_work"]
        rows = self._store.read("alarms", columns, where=[self._store.column("alarms", "service_affecting") == 1])
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows.to_dict("records"):
            times = {"raised_us": to_us(row["raised_at"].to_pydatetime()), "cleared_us": _us(row["cleared_at"])}
            found.setdefault(str(row["object_key"]), []).append({**{str(k): v for k, v in row.items()}, **times})
        return found


def _us(moment: Any) -> int | None:
    return None if moment is None or pd.isna(moment) else to_us(moment.to_pydatetime())
