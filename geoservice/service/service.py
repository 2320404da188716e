"""Use cases for the command line and the API; store, folder and thresholds are passed in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from geoservice import export, grid, pipeline, simulate, siting
from geoservice.config import Config, default_config
from geoservice.engine import Engine, LocalEngine
from geoservice.errors import ConfigError, FileError, InputError, NotFound, StateError
from geoservice.export import ExportReport
from geoservice.export.titles import Language
from geoservice.pipeline import AnalyseOptions, LocatorCache, RadioWorld, Workplace
from geoservice.records import CellChange, ImportOptions, ImportReport, Progress, silent
from geoservice.service import (
    desk,
    exporting,
    finding,
    follow_up,
    hex_view,
    hotspot_answers,
    known,
    once,
    place_causes,
    radio_answers,
    recording,
    site_plan,
    suggesting,
    trying,
    versions,
)
from geoservice.service import features as feature_answers
from geoservice.service import lookup as place_answers
from geoservice.service.discreet import Discretion
from geoservice.service.jobs import Jobs
from geoservice.service.memory import Memory
from geoservice.service.office import Office
from geoservice.service.periods import Period
from geoservice.service.place_names import PlaceNames, place_names, with_english
from geoservice.service.plain import plain, records
from geoservice.service.run_view import RunView
from geoservice.service.trying import SiteToTry
from geoservice.store import DEFAULT_URL, Run, Store
from geoservice.store.database import missing
from geoservice.tables import ACTIONS, CELLS

# Data older than this are looked at from their own end, not from today, and every answer says so ("as_of").
_STALE_AFTER = timedelta(days=2)
_LARGE_PLACE_M = 1000.0
_LARGE_TOWN = 200_000
_PLANS_KEPT = 200


class Service:
    """Everything a person or a program can ask of one deployment."""

    # The discreet side (see ``discreet_service``) turns these off.
    shows_tickets = True

    @property
    def discretion(self) -> Discretion | None:
        """The rule answers must keep, None when everything may be told."""
        return None

    def __init__(self, store: Store, folder: Path, config: Config | None = None) -> None:
        self.store = store
        self.config = config or default_config()
        self.folder = folder
        self._place = Workplace(store, folder, self.config, LocatorCache())
        self._lock = Lock()
        self._view: RunView | None = None
        self._radio: tuple[str, RadioWorld | None] | None = None
        self._names: tuple[str, PlaceNames] | None = None
        self._plans: dict[tuple[str, float, str], dict[str, Any]] = {}
        self.memory = Memory(store)
        self.office = Office(store, folder, str(self.config.timezone))

    def warm(self) -> None:
        """Load what the first questions need, so that the first customer does not wait for it."""
        self._place.locators.get(self.store, self.config)
        self._radio_world()
        self.place_names()
        desk.read_text("信号差")
        if self.store.current_run() is not None:
            view = self.view()
            self.hotspots()
            view.coverage_of(0)
            view.serving_of(0)
            if len(view.hex_rates):
                view.periods(self.config.timezone)

    def close(self) -> None:
        """Release the databases."""
        self.office.close()
        self.store.close()

    # --- intake ------------------------------------------------------------------------------

    def import_file(
        self, table: str, path: Path, options: ImportOptions | None = None, progress: Progress = silent
    ) -> ImportReport:
        """Import a file (see :func:`geoservice.pipeline.import_file`)."""
        report = pipeline.import_file(self._place, table, path, options or ImportOptions(), progress)
        self.office.audit.record("import", report.table, taken=report.taken, rejected=report.rejected)
        return report

    def record_complaint(
        self, fields: Mapping[str, Any], source: str = place_answers.DESK, key: str | None = None
    ) -> dict[str, Any]:
        """Take one complaint (see :func:`geoservice.service.recording.record`); under a ``key``, once."""
        if key is not None:
            taken = once.record_once(self._place, fields, key, source)
        else:
            taken = recording.record(self._place, fields, source)
        self.office.audit.record("complaint.create" if taken["created"] else "complaint.read", taken["complaint_id"])
        return taken

    def complaint(self, complaint_id: str) -> dict[str, Any]:
        """A stored complaint with its fixes."""
        found = recording.find(self._place, complaint_id)
        self.office.audit.record("complaint.read", found["complaint_id"])
        return found

    # --- runs --------------------------------------------------------------------------------

    def analyse(
        self,
        options: AnalyseOptions | None = None,
        engine: Engine | None = None,
        progress: Progress = silent,
        run_id: str | None = None,
    ) -> Run:
        """Analyse now and wait for it."""
        run = pipeline.analyse(
            self.store,
            self._place.locators,
            self.config,
            options or AnalyseOptions(),
            engine or LocalEngine(),
            progress,
            run_id,
        )
        self.office.audit.record("run", run.run_id)
        return run

    @property
    def jobs(self) -> Jobs:
        """Long work in a process of its own."""
        return self.office.jobs

    def start_run(self, options: AnalyseOptions | None = None) -> Run:
        """Queue an analysis for the worker process; the former result is served until it is done.

        Raises
        ------
        StateError
            Too many jobs are waiting.
        """
        job = self.jobs.enter_run(options or AnalyseOptions())
        self.office.audit.record("run.start", str(job.request["run_id"]), job=job.job_id)
        return self.store.run(job.request["run_id"])

    def run(self, run_id: str) -> Run:
        """One run with its progress."""
        return self.store.run(run_id)

    def runs(self) -> list[Run]:
        """Runs, newest first."""
        return self.store.runs()

    def view(self, run_id: str | None = None) -> RunView:
        """The tables of a run (default: the newest finished one), kept while it is the newest.

        Raises
        ------
        NotFound
            Nothing has been analysed yet, or there is no such run.
        """
        run = self.store.run(run_id) if run_id else self.store.current_run()
        if run is None:
            raise NotFound("nothing has been analysed yet; import data and run: geoservice analyse")
        if run.state != "done":
            raise StateError(f"run {run.run_id} is {run.state}; its results are not complete")
        with self._lock:
            if self._view is None or self._view.run.run_id != run.run_id:
                self._view = RunView(self.store, run)
            return self._view

    def status(self) -> dict[str, Any]:
        """What is stored and what is shown: counts, data version, current run, as-of time."""
        current = self.store.current_run()
        return {
            "tables": self.store.table_counts(),
            "data_version": self.store.data_version(),
            "run": current.run_id if current else None,
            "as_of": self.as_of().isoformat(timespec="seconds"),
            "timezone": str(self.config.timezone),
        }

    def as_of(self) -> datetime:
        """The moment answers speak of: now, or the end of the data when they are older than two days."""
        state = self.store.changed("complaints", "alarms")
        newest = self.memory.answer("newest", state, None, lambda: place_answers.newest_record(self.store))
        now = datetime.now(UTC)
        return now if newest is None or now - newest < _STALE_AFTER else newest

    # --- answers -----------------------------------------------------------------------------

    def lookup(self, query: str, language: str = "en") -> dict[str, Any]:
        """What is known about a place, and what to tell the customer."""
        text = query.strip()
        if not text:
            raise InputError("say an address, a place, a cell or coordinates", field="query")
        if len(text) > 300:
            raise InputError("a place is at most 300 characters long", field="query")
        fixes, ambiguous = self._find(text)
        answer = place_answers.look_up(self._ground(), text, fixes, language, ambiguous=ambiguous)
        english = self.place_names()
        return {**answer, "fixes": [with_english(fix, english, "label") for fix in answer["fixes"]]}

    def _find(self, text: str) -> tuple[pd.DataFrame, bool]:
        """Candidates for a query, and whether it must be asked which of them is meant."""
        locator = self._place.locators.get(self.store, self.config)
        point = finding.coordinates(locator, text)
        if point is not None:
            return point, False
        fixes = known.find(self.store, self.memory, text, tickets=self.shows_tickets)
        if len(fixes):
            self._note_ticket(fixes)
            return fixes, False
        choices = known.several(text, locator.suggest(text[:100], 20))
        if len(choices):
            return choices, True
        fixes = finding.search(locator, self.memory, self.store.changed("gazetteer", "cells"), text)
        return fixes, known.tied(fixes)

    def why(self, query: str, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Causes at the place of a query (see :func:`geoservice.service.place_causes.why`).

        Raises
        ------
        NotFound
            Nothing is known by that name.
        InputError
            Several places are meant equally likely: the causes of the wrong one are worse than a question.
        """
        fixes, ambiguous = self._find(query.strip())
        if fixes.empty:
            raise NotFound("this place was not found; give an address, a cell or LAT,LON", field="query")
        if ambiguous:
            named = ", ".join(str(label) for label in fixes["label"].head(5))
            raise InputError(f"{len(fixes)} places fit; say which one: {named}", field="query")
        best = fixes.iloc[0]
        fix = {"lat": best["lat"], "lon": best["lon"], "radius_m": min(best["radius_m"], place_answers.COARSE_M)}
        return place_causes.why(self._place, self._radio_world(), fix, self.as_of(), said)

    def suggest(self, typed: str, limit: int = 8) -> list[dict[str, Any]]:
        """Points, places, cells, sites, plans and tickets that begin like what was typed."""
        locator = self._place.locators.get(self.store, self.config)
        return suggesting.suggest(self.store, locator, self.place_names(), typed, limit)

    def customer_history(self, caller: desk.Caller) -> dict[str, Any]:
        """Earlier tickets of a customer and what a complaint now would be (see :func:`desk.history`)."""
        found = desk.history(self._place, caller, self.as_of())
        tickets = [ticket["ticket_no"] for ticket in found["tickets"]]
        self.office.audit.record("customer.read", None, tickets=tickets)
        return found

    def place_names(self) -> PlaceNames:
        """English names of places; read once per gazetteer."""
        version = self.store.changed("gazetteer")
        with self._lock:
            if self._names is None or self._names[0] != version:
                self._names = (version, place_names(self.store))
            return self._names[1]

    def coverage(self, lat: float, lon: float) -> dict[str, Any]:
        """Coverage and serving cells of a point."""
        coverage, serving = place_answers.coverage_at(self._ground(), lat, lon)
        return {"lat": lat, "lon": lon, "coverage": coverage, "serving": serving}

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

    def hexes(
        self,
        window: hex_view.Window,
        zoom: int,
        measure: str,
        class_group: str = "all",
        run_id: str | None = None,
        period: Period | None = None,
    ) -> dict[str, Any]:
        """Hexes and values for a map window, of the whole run or of a period of it."""
        view = self.view(run_id)
        shown = hex_view.hexes(view, window, zoom, measure, class_group, period, self.config.timezone)
        return {"run": view.run.run_id, **shown}

    def timeline(self, class_group: str = "all", run_id: str | None = None) -> dict[str, Any]:
        """The time steps of a run with their customers and contacts."""
        view = self.view(run_id)
        return {"run": view.run.run_id, **view.periods(self.config.timezone).timeline(class_group)}

    def hex_levels(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Complaining customers per hex at the run's resolution and coarser ones, small counts hidden."""
        return hex_view.levels(self.view(run_id))

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

    def site_requests(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Site-build requests, highest priority first, each with the planned sites around it."""
        rows = hotspot_answers.request_answers(self.view(run_id).site_requests())
        return [self._request_told(row) for row in rows]

    def site_request(self, request_no: str, run_id: str | None = None) -> dict[str, Any]:
        """One site-build request."""
        return self._request(self.view(run_id), request_no)

    def _request_told(self, row: dict[str, Any]) -> dict[str, Any]:
        """A request with the planned sites around it and its places in English too."""
        english = self.place_names()
        told = english.in_sentence(row["sentence_en"], row["place"])
        near = place_answers.planned_near(self.memory.planned(), row["lat"], row["lon"])
        return with_english({**row, "sentence_en": told, "planned_nearby": near}, english, "place", "district")

    def site_plan(self, budget: float, run_id: str | None = None) -> dict[str, Any]:
        """What a budget buys (see :func:`geoservice.service.site_plan.plan`); kept while the requests' states last."""
        view = self.view(run_id)
        states = "|".join(view.site_requests()["state"])
        key = (view.run.run_id, budget, states)
        if key not in self._plans:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            self._plans[key] = site_plan.plan(view, self.store.read("cells", ["lat", "lon"]), budget, self.config)
        return self._plans[key]

    def decide(
        self,
        request_no: str,
        state: str,
        reason: str | None = None,
        by: str | None = None,
        versions_read: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """Move a site-build request to its next state; ``versions_read`` guards against overtaking one another.

        Raises
        ------
        Changed
            The request is in none of the versions the caller read.
        StateError
            The step is not allowed from the present state, or a refusal has no reason.
        """
        view = self.view()
        current = self._request(view, request_no)
        versions.check(self.told_version(current), versions_read)
        step = siting.move(current["state"], state, approver=by, reason=reason)
        self.store.set_request_state(
            view.run.run_id, request_no, step.state, step.reason, step.approver, current["state"]
        )
        self.office.audit.record("request.decide", request_no, run=view.run.run_id, state=step.state)
        return self._request(view, request_no)

    def told_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a version is made of: the request as the caller read it."""
        return request

    def what_if(self, changes: Sequence[CellChange], sites: Sequence[SiteToTry] = ()) -> pd.DataFrame:
        """Coverage before and after a set of changes and new sites (table ``what_if``)."""
        return self._tried(changes, sites)[0]

    def what_if_answer(self, changes: Sequence[CellChange], sites: Sequence[SiteToTry] = ()) -> dict[str, Any]:
        """The same with a summary: customers lifted above the weak threshold, newly weak, newly overlapped."""
        return trying.answer(*self._tried(changes, sites), self.config)

    def what_if_page(
        self, changes: Sequence[CellChange], sites: Sequence[SiteToTry], path: Path, language: Language = "en"
    ) -> dict[str, Any]:
        """The answer, and a page with maps before and after."""
        frame, tried = self._tried(changes, sites)
        found = trying.answer(frame, tried, self.config)
        export.write_what_if(frame, found, tried, self.store.read("cells"), path, language)
        return found

    def _tried(
        self, changes: Sequence[CellChange], sites: Sequence[SiteToTry]
    ) -> tuple[pd.DataFrame, list[CellChange]]:
        if not changes and not sites:
            raise InputError("say at least one change", field="changes")
        radio = self._radio_world()
        if radio is None:
            raise ConfigError("no cells are on file; import them first: geoservice import cells FILE")
        self._check_known({change.cgi for change in changes if change.field != "new"})
        tried = [*changes, *(trying.changes_of(sites, self.store.read("cells")) if sites else ())]
        return radio.what_if(tried, self.view().coverage[["hex", "customers"]]), tried

    def verify(self, action_id: str, done_at: datetime, run_id: str | None = None) -> dict[str, Any]:
        """Whether an action helped (see :func:`geoservice.service.follow_up.verify`)."""
        return follow_up.verify(self.store, self.view(run_id), action_id, done_at, self.as_of(), self.config)

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
        return frames[what]()

    def rows(self, what: str, run_id: str | None = None) -> list[dict[str, Any]]:
        """A result table as records: what a file of it holds, for programs."""
        frame = self.frame(what, run_id)
        found = [{str(name): plain(value, 6) for name, value in row.items()} for row in frame.to_dict("records")]
        if "hex" in frame.columns and frame["hex"].dtype.kind == "i":
            texts = grid.hex_to_text(frame["hex"].to_numpy(np.int64)) if len(frame) else []
            found = [{**row, "hex": text} for row, text in zip(found, texts, strict=True)]
        self.office.audit.record("export", what, rows=len(found))
        return found

    def features(self, collection: str, query: feature_answers.FeatureQuery) -> feature_answers.FeaturePage:
        """A page of a collection as GeoJSON features (see :mod:`geoservice.service.features`)."""
        return feature_answers.page(self, collection, query)

    def feature(self, collection: str, feature_id: str) -> dict[str, Any]:
        """One GeoJSON feature of a collection."""
        return feature_answers.one(self, collection, feature_id)

    def feature_extent(self, collection: str) -> list[float] | None:
        """West, south, east, north of a collection, None when it is empty."""
        return feature_answers.extent(self, collection)

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
        layer = {"hexes": "hex_rates", "complaints": "complaint_evidence"}.get(what, what.replace("-", "_"))
        view, frame = self.view(run_id), self.frame(what, run_id)
        if only is not None and "request_no" in frame.columns:
            frame = frame[frame["request_no"].isin(only)].reset_index(drop=True)
        self.office.audit.record("export", what, run=view.run.run_id, rows=len(frame))
        return exporting.write(self.store, view, frame, path, layer, language, self.config, self._radio_world)

    def evaluate(self, truth: Path, run_id: str | None = None) -> dict[str, Any]:
        """Score a run against planted truth (``truth.json`` of a simulated city)."""
        view = self.view(run_id)
        score = simulate.evaluate(_read_truth(truth), view.hotspots, view.diagnoses, view.actions)
        return asdict(score)

    def _check_known(self, cgis: set[str]) -> None:
        column = self.store.column("cells", "cgi")
        known = set(self.store.read("cells", ["cgi"], where=[column.in_(sorted(cgis))])["cgi"])
        if missing := sorted(cgis - known):
            raise NotFound(f"there is no cell {missing[0]!r}", field="cgi")

    def _contacts(self, view: RunView) -> pipeline.Contacts:
        return pipeline.contacts_of(self.store, self.config, view.run.options, view.coverage, view.serving)

    @staticmethod
    def _publishable_contacts(hexes: pd.DataFrame) -> pd.DataFrame:
        return hexes[hexes["customers"] >= hex_view.MIN_CUSTOMERS].reset_index(drop=True)

    @staticmethod
    def _publishable(rates: pd.DataFrame) -> pd.DataFrame:
        """Hexes without the counts of so few customers that one could be recognised."""
        few = (rates["customers"] > 0) & (rates["customers"] < hex_view.MIN_CUSTOMERS - 0.5)
        return rates[~few & (rates["customers"] > 0)].reset_index(drop=True)

    @staticmethod
    def _request(view: RunView, request_no: str) -> dict[str, Any]:
        requests = view.site_requests()
        found = hotspot_answers.request_answers(requests[requests["request_no"] == request_no])
        if not found:
            raise NotFound(f"there is no site-build request {request_no!r}", field="request_no")
        return found[0]

    def _ground(self) -> place_answers.Ground:
        try:
            view: RunView | None = self.view()
        except NotFound:
            view = None
        return place_answers.Ground(self.memory, self.config, view, self._radio_world(), self.as_of(), self.discretion)

    def _note_ticket(self, fixes: pd.DataFrame) -> None:
        """Who looks up a ticket sees where its customer was: that is a read of personal data."""
        ids = set(fixes["complaint_id"].astype(str)) - {finding.QUERY}
        for complaint_id in sorted(ids)[:1]:
            self.office.audit.record("lookup.ticket", complaint_id)

    def _radio_world(self) -> RadioWorld | None:
        """The radio prediction for the cells as they are stored now; built once per state of cells and measurements."""
        version = self.store.changed("cells", "measurements")
        with self._lock:
            if self._radio is None or self._radio[0] != version:
                cells = self.store.read("cells")
                measurements = self.store.read("measurements")
                world = RadioWorld.build(cells, measurements, self.config, self.as_of()) if len(cells) else None
                self._radio = (version, world)
            return self._radio[1]


def _read_truth(path: Path) -> list[dict[str, Any]]:
    try:
        truth = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read as JSON ({type(error).__name__})") from error
    if not isinstance(truth, list) or not all(isinstance(item, dict) for item in truth):
        raise FileError(f"{path}: expected a list of planted problems, each with id, cause, lat, lon, radius_m")
    return truth


def open_service(
    database: str | None = None, folder: Path | None = None, config: Config | None = None, *, must_exist: bool = False
) -> Service:
    """The service over a database URL (default: ``GEOSERVICE_DATABASE_URL`` or one folder under ``var/``).

    Raises
    ------
    ConfigError
        The database cannot be opened, or ``must_exist`` and there is none: who only asks should learn that there
        is nothing to ask, not find an empty database the next time.
    """
    url = database or os.environ.get("GEOSERVICE_DATABASE_URL") or DEFAULT_URL
    if must_exist and missing(url):
        raise ConfigError("there is no database yet; import something first, or say --database", code="no-database")
    store = Store(url)
    return Service(store, folder or (store.database.path.parent if store.database.path else Path("var")), config)


def window_of(values: Sequence[float]) -> hex_view.Window:
    """``west,south,east,north`` (the order of OGC and GeoJSON) as a window.

    Raises
    ------
    InputError
        Not four finite numbers in range with south < north and west < east.
    """
    if len(values) != 4 or not np.isfinite(values).all():
        raise InputError("bbox needs four numbers: west,south,east,north", field="bbox")
    west, south, east, north = (float(value) for value in values)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            "bbox must be west,south,east,north in degrees with west < east and south < north", field="bbox"
        )
    return hex_view.Window(south, west, north, east)
