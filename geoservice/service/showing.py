"""What the map shows: the results of a run, whole, by window or as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid, pipeline
from geoservice.errors import FileError, InputError, NotFound
from geoservice.export import ExportReport
from geoservice.export.titles import Language
from geoservice.pipeline import RadioWorld
from geoservice.service import exporting, hex_view, hotspot_answers, radio_answers
from geoservice.service.deployment import Deployment
from geoservice.service.place_names import PlaceNames, with_english
from geoservice.service.plain import plain, records
from geoservice.service.radio_of_run import radio_of_run
from geoservice.service.run_view import RunView
from geoservice.tables import ACTIONS, CELLS

_LARGE_PLACE_M = 1000.0
_LARGE_TOWN = 200_000
_ORDER = {"hexes": ("class_group", "hex"), "complaints": ("accepted_at", "complaint_id")}


def layer_of(what: str) -> str:
    """Name of the layer or sheet a result table is written as."""
    return {"hexes": "hex_rates", "complaints": "complaint_evidence"}.get(what, what.replace("-", "_"))


class Showing(Deployment):
    """Hotspots, hexes, cells, actions, exports."""

    def footprint(self, cgi: str, resolution: int | None = None) -> dict[str, Any]:
        """Where one cell serves (see :func:`geoservice.service.radio_answers.footprint_answer`)."""
        radio = self._radio_world()
        if radio is None:
            raise NotFound("no cells are on file; import them first: geoservice import cells FILE", field="cgi")
        return radio_answers.footprint_answer(radio, cgi, resolution)

    def hotspots(self, run_id: str | None = None, class_group: str | None = None) -> list[dict[str, Any]]:
        """Hotspots with causes and actions, best rank first."""
        view, english = self.view(run_id), self.place_names()
        # A run does not change: its answer is made once for every reader, who must not change it either.
        state = (view.run.run_id, id(english))
        found = self.memory.answer("hotspots", state, None, lambda: self._hotspots(view, english))
        return [dict(spot) for spot in found if class_group in (None, spot["class_group"])]

    @staticmethod
    def _hotspots(view: RunView, english: PlaceNames) -> list[dict[str, Any]]:
        return [
            with_english({**spot, "place": english.nearest(spot["lat"], spot["lon"])}, english, "place")
            for spot in hotspot_answers.all_hotspots(view)
        ]

    def hotspot(self, hotspot_id: str, run_id: str | None = None) -> dict[str, Any]:
        """One hotspot."""
        for spot in self.hotspots(run_id):
            if spot["id"] == hotspot_id:
                return {**spot, "history": self.store.events(hotspot_id)}
        raise NotFound(f"there is no hotspot {hotspot_id!r} in this run", field="hotspot_id")

    def hexes(self, asked: hex_view.HexQuestion) -> dict[str, Any]:
        """Hexes and values for a map window, of the whole run or of a period of it."""
        view = self.view(asked.run_id)
        shown = hex_view.hexes(view, asked, self._least, self.config.timezone)
        return {"run": view.run.run_id, **shown}

    def timeline(self, class_group: str = "all", run_id: str | None = None) -> dict[str, Any]:
        """The time steps of a run with their customers and contacts."""
        view = self.view(run_id)
        return {"run": view.run.run_id, **view.periods(self.config.timezone).timeline(class_group)}

    def hex_levels(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Complaining customers per hex at the run's resolution and coarser ones, small counts hidden."""
        return hex_view.levels(self.view(run_id), self._least)

    def places(self, window: hex_view.Window, limit: int = 150) -> list[dict[str, Any]]:
        """Names for orientation: the most important places inside a window."""
        lat, lon = self.store.column("gazetteer", "lat"), self.store.column("gazetteer", "lon")
        inside = [lat.between(window.south, window.north), lon.between(window.west, window.east)]
        found = self.store.read("gazetteer", ["name", "lat", "lon", "kind", "radius_m", "population"], where=inside)
        found = found.sort_values(["population", "radius_m"], ascending=False, na_position="last").head(limit)
        large = found["radius_m"].fillna(0).to_numpy() >= _LARGE_PLACE_M
        size = np.where(large | (found["population"].fillna(0).to_numpy() > _LARGE_TOWN), 2, 1)
        found = found.assign(size=size)
        rows = [{str(key): plain(value, 6) for key, value in row.items()} for row in found.to_dict("records")]
        english = self.place_names()
        return [{**row, "name_en": english.english_only(row["name"])} for row in rows]

    def cells(self, window: hex_view.Window, limit: int = 2000) -> list[dict[str, Any]]:
        """Radio cells inside a map window."""
        lat, lon = self.store.column("cells", "lat"), self.store.column("cells", "lon")
        inside = [lat.between(window.south, window.north), lon.between(window.west, window.east)]
        order = [self.store.column("cells", "cgi")]
        return records(self.store.read("cells", where=inside, order=order, limit=limit), CELLS)

    def actions(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Actions of a run, in the order of their hotspots' ranks."""
        view = self.view(run_id)
        ranks = view.hotspots.set_index("hotspot_id")["rank"]
        plans = view.actions.assign(order=view.actions["subject_id"].map(ranks)).sort_values(["order", "rank"])
        return [
            {**hotspot_answers.action_answer(row), "subject_id": row["subject_id"]}
            for row in records(plans.drop(columns="order"), ACTIONS)
        ]

    def frame(self, what: str, run_id: str | None = None) -> pd.DataFrame:
        """A result table for export: ``site-requests``, ``hotspots``, ``hexes``, ``actions``, ``coverage``,
        ``complaints`` (table ``complaint_evidence``), ``hex-evidence``, ``weak-cells``, ``weak-grids``
        or ``weak-areas``."""
        view = self.view(run_id)
        frames: dict[str, Callable[[], pd.DataFrame]] = {
            "site-requests": view.site_requests,
            "hotspots": lambda: exporting.hotspots_told(view),
            "actions": lambda: view.actions,
            "hexes": lambda: self._publishable(view.hex_rates),
            "coverage": lambda: view.coverage,
            "complaints": lambda: self._contacts(view).complaints,
            "hex-evidence": lambda: self._publishable_contacts(self._contacts(view).hexes),
            "weak-cells": lambda: pipeline.weak_cells(self.store, self.config, self.as_of()),
            "weak-grids": lambda: pipeline.weak_grids(self.store, self.config, self.as_of()),
            "weak-areas": lambda: pipeline.weak_areas(view.coverage, self.config),
        }
        if what not in frames:
            raise InputError(f"cannot export {what!r}; use one of {', '.join(frames)}", field="what")
        found = frames[what]()
        # Databases hand rows out as they like; a file of one run is the same file from every one.
        order = [name for name in _ORDER.get(what, ()) if name in found.columns]
        return found.sort_values(order, ignore_index=True) if order else found

    def rows(self, what: str, run_id: str | None = None) -> list[dict[str, Any]]:
        """A result table as records: what a file of it holds, for programs."""
        frame = self.frame(what, run_id)
        found = [{str(name): plain(value, 6) for name, value in row.items()} for row in frame.to_dict("records")]
        if "hex" in frame.columns and frame["hex"].dtype.kind == "i":
            texts = grid.hex_to_text(frame["hex"].to_numpy(np.int64)) if len(frame) else []
            found = [{**row, "hex": text} for row, text in zip(found, texts, strict=True)]
        self.office.audit.record("export", what, rows=len(found))
        return found

    def export(
        self,
        what: str,
        path: Path,
        language: Language = "zh",
        run_id: str | None = None,
        only: Collection[str] | None = None,
    ) -> ExportReport:
        """Write a result table to a file by its suffix (see :func:`geoservice.export.write`).

        ``only`` names the site requests to write.
        """
        view, frame = self.view(run_id), self._asked_for(what, run_id, only)

        def radio() -> RadioWorld | None:
            return radio_of_run(self.store, self.config, self.as_of(), view, self._radio_world())

        return exporting.write(self.store, view, frame, path, layer_of(what), language, self.config, radio)

    def _asked_for(self, what: str, run_id: str | None, only: Collection[str] | None) -> pd.DataFrame:
        """The table to write, ``only`` the requests named; noted in the audit log."""
        frame = self.frame(what, run_id)
        if only is not None and "request_no" in frame.columns:
            frame = frame[frame["request_no"].isin(only)].reset_index(drop=True)
        self.office.audit.record("export", what, run=self.view(run_id).run.run_id, rows=len(frame))
        return frame

    def evaluate(self, truth: Path, run_id: str | None = None) -> dict[str, Any]:
        """Score a run against planted truth (``truth.json`` of a simulated city)."""
        view = self.view(run_id)
        from geoservice import simulate  # twenty modules that one command needs

        score = simulate.evaluate(_read_truth(truth), view.hotspots, view.diagnoses, view.actions)
        return asdict(score)

    def _contacts(self, view: RunView) -> pipeline.Contacts:
        return pipeline.contacts_of(self.store, self.config, view.run.options, view.coverage, view.serving)

    @property
    def _least(self) -> float:
        """Counts of fewer customers are hidden."""
        return self.config["publish_min_customers"]

    def _publishable_contacts(self, hexes: pd.DataFrame) -> pd.DataFrame:
        return hexes[hexes["customers"] >= self._least].reset_index(drop=True)

    def _publishable(self, rates: pd.DataFrame) -> pd.DataFrame:
        """Hexes without the counts of so few customers that one could be recognised."""
        few = hex_view.is_few(rates["customers"].to_numpy(float), self._least)
        return rates[~few & (rates["customers"] > 0)].reset_index(drop=True)


def _read_truth(path: Path) -> list[dict[str, Any]]:
    try:
        truth = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read as JSON ({type(error).__name__})") from error
    if not isinstance(truth, list) or not all(isinstance(item, dict) for item in truth):
        raise FileError(f"{path}: expected a list of planted problems, each with id, cause, lat, lon, radius_m")
    return truth
