"""Analyses and their result tables."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pandas as pd
import sqlalchemy as sa

from geoservice.errors import NotFound
from geoservice.store import bulk, codec, request_ledger
from geoservice.store.database import PATIENT_WAIT_S
from geoservice.store.jobs import identity, worker_lives
from geoservice.store.ledger import data_version, record_event
from geoservice.store.reading import Reading
from geoservice.store.schema import RUN_TABLES
from geoservice.store.times import from_us, now_us
from geoservice.tables import TABLES


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis: ``state`` is queued, running, done, failed, cancelled, or interrupted (its process is gone)."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    share: float
    doing: str
    options: dict[str, Any]
    data_version: int
    complaints: int
    customers: int
    hotspots: int
    seconds: float
    notes: list[str]
    error: str | None


class Runs(Reading):
    """The ledger of analyses: a run's tables appear all at once, when it is done."""

    def start_run(self, options: dict[str, Any], run_id: str | None = None) -> str:
        """A run in state running, this process its worker; the one of that id again, should it have begun before.

        Runs whose process died are entered as interrupted.
        """
        runs, run_id = self._tables["runs"], run_id or new_run_id()
        row = {"state": "running", "started_at": now_us(), "share": 0.0, "doing": "starting", "error": None}
        with self.database.writing() as connection:
            self._bury(connection)
            connection.execute(runs.delete().where(runs.c.run_id == run_id, runs.c.state != "done"))
            row |= {"run_id": run_id, "worker": identity(), "options": codec.dump(options)}
            row |= {"data_version": data_version(connection, self._tables["meta"])}
            connection.execute(runs.insert().values(**row))
        return run_id

    def _bury(self, connection: sa.Connection) -> None:
        runs = self._tables["runs"]
        running = connection.execute(sa.select(runs.c.run_id, runs.c.worker).where(runs.c.state == "running")).all()
        dead = [run_id for run_id, worker in running if not _lives(worker)]
        if dead:
            values = {"state": "interrupted", "doing": "interrupted"}
            connection.execute(runs.update().where(runs.c.run_id.in_(dead)).values(**values))

    def update_run(self, run_id: str, **values: Any) -> None:
        """Change fields of a run's ledger row."""
        runs = self._tables["runs"]
        with self.database.writing() as connection:
            connection.execute(runs.update().where(runs.c.run_id == run_id).values(**values))

    def finish_run(
        self,
        run_id: str,
        results: dict[str, pd.DataFrame],
        summary: dict[str, Any],
        events: pd.DataFrame | None = None,
    ) -> None:
        """Store a run's tables and mark it done, in one transaction: readers see all of it or none.

        ``events`` (event, hotspot_id, other_id, …) enter the history of their hotspots. What people decided on
        site-build requests before stands on the same requests of this run.
        """
        runs = self._tables["runs"]
        # What took minutes to find is not thrown away because an import takes minutes too.
        with self.database.writing(PATIENT_WAIT_S) as connection:
            if "site_requests" in results:
                decided = request_ledger.lay_over(connection, self._tables, results["site_requests"])
                results = {**results, "site_requests": decided}
            for name, frame in results.items():
                bulk.append(connection, self._tables[name], frame, TABLES[name], run_id)
            for event in [] if events is None else events.to_dict("records"):
                detail = {"run": run_id, **{str(key): value for key, value in event.items()}}
                record_event(connection, self._tables["events"], event["hotspot_id"], str(event["event"]), detail)
            values = {**summary, "state": "done", "finished_at": now_us(), "share": 1.0, "doing": "done"}
            values["notes"] = codec.dump(list(summary.get("notes", ())))
            if "options" in summary:
                values["options"] = codec.dump(summary["options"])
            connection.execute(runs.update().where(runs.c.run_id == run_id).values(**values))

    def prune_runs(self, keep: int) -> list[str]:
        """Delete all but the newest ``keep`` finished runs, and unfinished ones that are older; the ids that went.

        Runs on which someone decided stay, and so do those that are under way. At least one is kept.
        """
        runs = self._tables["runs"]
        with self.database.writing() as connection:
            done = sa.select(runs.c.run_id, runs.c.finished_at).where(runs.c.state == "done")
            newest = connection.execute(done.order_by(runs.c.finished_at.desc()).limit(max(keep, 1))).all()
            if not newest:
                return []
            older = sa.select(runs.c.run_id, runs.c.state, runs.c.worker).where(runs.c.started_at < newest[-1][1])
            spared = {row[0] for row in newest} | self._decided(connection)
            gone = [
                run_id
                for run_id, state, worker in connection.execute(older.order_by(runs.c.started_at)).all()
                if run_id not in spared and not (state == "running" and _lives(worker))
            ]
            for table in (*(self._tables[name] for name in RUN_TABLES), runs):
                for run_id in gone:
                    connection.execute(table.delete().where(table.c.run_id == run_id))
        return gone

    def _decided(self, connection: sa.Connection) -> set[str]:
        events = self._tables["events"]
        told = connection.execute(sa.select(events.c.detail).where(events.c.kind == "request-state")).scalars()
        return {str(orjson.loads(detail).get("run")) for detail in told}

    def run(self, run_id: str) -> Run:
        """One run.

        Raises
        ------
        NotFound
            There is no run of that id.
        """
        runs = self._tables["runs"]
        with self.database.reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.run_id == run_id)).mappings().first()
        if row is None:
            raise NotFound(f"there is no run {run_id!r}", field="run")
        return to_run(dict(row))

    def runs(self, limit: int = 100) -> list[Run]:
        """Runs, newest first."""
        runs = self._tables["runs"]
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        with self.database.reading() as connection:
            return [to_run(dict(row)) for row in connection.execute(query).mappings()]

    def current_run(self) -> Run | None:
        """The newest finished run: what every map and list shows."""
        with self.database.reading() as connection:
            row = connection.execute(newest_done(self._tables["runs"])).mappings().first()
        return to_run(dict(row)) if row else None

    def run_table(
        self, run_id: str, table: str, where: Sequence[sa.ColumnElement[bool]] = (), limit: int | None = None
    ) -> pd.DataFrame:
        """Rows of a result table that belong to a run."""
        return self.read(table, where=(self._tables[table].c.run_id == run_id, *where), limit=limit)


def period_of(options: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The half-open period a run looked at: what it found (``from``, ``to``), else what was asked of it.

    A run stays what it was: complaints from before and after, imported later, are none of its.
    """
    since, until = options.get("from") or options.get("since"), options.get("to") or options.get("until")
    return _moment(since), _moment(until)


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def new_run_id() -> str:
    """An id of a run; ids sort by time."""
    return f"R{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"


def _lives(worker: str | None) -> bool:
    # Of another machine's processes nothing is known here: they are believed to live.
    return worker is not None and worker_lives(worker, datetime.now(UTC))


def newest_done(runs: sa.Table) -> sa.Select[Any]:
    """Asks for the newest finished run."""
    return sa.select(runs).where(runs.c.state == "done").order_by(runs.c.finished_at.desc()).limit(1)


def to_run(row: dict[str, Any]) -> Run:
    """A row of the ledger as what it means."""
    started = from_us(row["started_at"])
    assert started is not None  # noqa: S101 - the column is always written
    state = "interrupted" if row["state"] == "running" and not _lives(row["worker"]) else row["state"]
    return Run(
        run_id=row["run_id"],
        state=state,
        started_at=started,
        finished_at=from_us(row["finished_at"]),
        share=row["share"] or 0.0,
        doing=row["doing"] or "",
        options=orjson.loads(row["options"] or "{}"),
        data_version=row["data_version"] or 0,
        complaints=row["complaints"] or 0,
        customers=row["customers"] or 0,
        hotspots=row["hotspots"] or 0,
        seconds=row["seconds"] or 0.0,
        notes=orjson.loads(row["notes"] or "[]"),
        error=row["error"],
    )
