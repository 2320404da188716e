"""Use cases for the command line and the API; store, folder and thresholds are passed in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geoservice import pipeline
from geoservice.config import Config, load_config
from geoservice.engine import Engine, LocalEngine
from geoservice.errors import ConfigError, InputError, NotFound
from geoservice.pipeline import AnalyseOptions
from geoservice.records import Progress, silent
from geoservice.service import features as feature_answers
from geoservice.service import finding, hex_view, recording
from geoservice.service.asking import Asking
from geoservice.service.planning import Planning
from geoservice.service.showing import Showing
from geoservice.store import DEFAULT_URL, Run, Store
from geoservice.store.database import missing


class Service(Asking, Showing, Planning):
    """Everything a person or a program can ask of one deployment."""

    def warm(self) -> None:
        """Load what the first questions need, what the desk asks first; until then answers are right but slower.

        ``is_warm`` says afterwards that nothing is left to be waited for.
        """
        self._warm_desk()
        self._radio_world()
        self._warm_map()
        finding.prepare(self._locator(), self.memory, self.store.changed("gazetteer", "cells"), self.store)
        self.is_warm = True

    def _warm_desk(self) -> None:
        # First what takes longest to load: nobody's first text should wait for compiled code.
        recording.warm(self._place)
        self._locator()
        self.place_names()
        self.memory.nearby.warm()
        self.memory.known("")
        if self.store.current_run() is not None:
            view = self.view()
            view.coverage_of(0)
            view.serving_of(0)
        self.as_of()

    def _warm_map(self) -> None:
        if self.store.current_run() is not None:
            view = self.view()
            self.hotspots()
            if len(view.hex_rates):
                view.periods(self.config.timezone)

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
        self.office.audit.record_change("run", run.run_id)
        return run

    def start_run(self, options: AnalyseOptions | None = None) -> Run:
        """Queue an analysis for the worker process; the former result is served until it is done.

        Raises
        ------
        StateError
            Too many jobs are waiting.
        """
        job = self.jobs.enter_run(options or AnalyseOptions())
        self.office.audit.record_change("run.start", str(job.request["run_id"]), job=job.job_id)
        return self.run(job.request["run_id"])

    def run(self, run_id: str) -> Run:
        """One run with its progress; one that waits is known by its job."""
        try:
            return self.store.run(run_id)
        except NotFound:
            waiting = [run for run in self.jobs.runs() if run.run_id == run_id and run.state != "done"]
            if not waiting:
                raise
            return waiting[0]

    def runs(self) -> list[Run]:
        """Runs, newest first; those that have not begun too."""
        begun = self.store.runs()
        known = {run.run_id for run in begun}
        waiting = [run for run in self.jobs.runs() if run.run_id not in known and run.state != "done"]
        return sorted([*waiting, *begun], key=lambda run: run.started_at, reverse=True)

    def prune_runs(self, keep: int) -> list[str]:
        """Forget all but the newest runs (see :meth:`geoservice.store.runs.Runs.prune_runs`); which went."""
        gone = self.store.prune_runs(keep)
        self.office.audit.record_change("run.prune", None, runs=len(gone), kept=keep)
        return gone

    def features(self, collection: str, query: feature_answers.FeatureQuery) -> feature_answers.FeaturePage:
        """A page of a collection as GeoJSON features (see :mod:`geoservice.service.features`)."""
        return feature_answers.page(self, collection, query)

    def feature(self, collection: str, feature_id: str) -> dict[str, Any]:
        """One GeoJSON feature of a collection."""
        return feature_answers.one(self, collection, feature_id)

    def feature_extent(self, collection: str) -> list[float] | None:
        """West, south, east, north of a collection, None when it is empty."""
        return feature_answers.extent(self, collection)


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
    chosen = folder or (store.database.path.parent if store.database.path else Path("var"))
    return Service(store, chosen, config or load_config())


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
