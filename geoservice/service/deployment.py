"""One deployment: its store, folder and thresholds, and what is kept of them in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from geoservice import locate
from geoservice.config import Config, default_config
from geoservice.errors import NotFound, StateError
from geoservice.pipeline import LocatorCache, RadioWorld, Workplace
from geoservice.service import lookup as place_answers
from geoservice.service.discreet import Discretion
from geoservice.service.jobs import Jobs
from geoservice.service.memory import Memory
from geoservice.service.office import Office
from geoservice.service.place_names import PlaceNames, place_names
from geoservice.service.run_view import RunView
from geoservice.store import Store

# Data older than this are looked at from their own end, not from today, and every answer says so ("as_of").
_STALE_AFTER = timedelta(days=2)


class Deployment:
    """What every use case stands on."""

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
        self._place = Workplace(store, folder, self.config, LocatorCache(locate.online_settings(), folder))
        # One each: who needs the run need not wait until the radio prediction of a large network is built.
        self._view_lock, self._radio_lock, self._names_lock = Lock(), Lock(), Lock()
        self._view: RunView | None = None
        self._radio: tuple[str, RadioWorld | None] | None = None
        self._names: tuple[str, PlaceNames] | None = None
        self.memory = Memory(store)
        self.is_warm = False
        self.office = Office(store, folder, str(self.config.timezone))

    def close(self) -> None:
        """Release the databases."""
        self.office.close()
        self.store.close()

    @property
    def jobs(self) -> Jobs:
        """Long work in a process of its own."""
        return self.office.jobs

    def view(self, run_id: str | None = None) -> RunView:
        """The tables of a run (default: the newest finished one), kept while it is the newest.

        Raises
        ------
        NotFound
            Nothing has been analysed yet, or there is no such run.
        """
        run = self.store.run(run_id) if run_id else self.store.shown_run()
        if run is None:
            raise NotFound("nothing has been analysed yet; import data and run: geoservice analyse")
        if run.state != "done":
            raise StateError(f"run {run.run_id} is {run.state}; its results are not complete")
        with self._view_lock:
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

    def place_names(self) -> PlaceNames:
        """English names of places; read once per gazetteer."""
        version = self.store.changed("gazetteer")
        with self._names_lock:
            if self._names is None or self._names[0] != version:
                self._names = (version, place_names(self.store))
            return self._names[1]

    def _radio_world(self) -> RadioWorld | None:
        """The radio prediction for the cells as they are stored now; built once per state of cells and measurements."""
        version = self.store.changed("cells", "measurements")
        with self._radio_lock:
            if self._radio is None or self._radio[0] != version:
                cells = self.store.read("cells")
                measurements = self.store.read("measurements")
                world = RadioWorld.build(cells, measurements, self.config, self.as_of()) if len(cells) else None
                self._radio = (version, world)
            return self._radio[1]
