"""Tables and queries: what the pipeline writes and the service reads."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import numpy as np
import orjson
import pandas as pd
import sqlalchemy as sa

from geoservice.errors import Changed, NotFound
from geoservice.records import ImportReport
from geoservice.store import bulk, codec
from geoservice.store.bulk_load import loading
from geoservice.store.database import DEFAULT_URL, Database
from geoservice.store.schema import RUN_TABLES
from geoservice.tables import TABLES

_MARK = "changed:"
SEEN_WITHIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis: ``state`` is running, done, failed or interrupted."""

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


class Store:
    """All reads and writes of one deployment.

    Parameters
    ----------
    url : ``sqlite:///FOLDER/FILE.db`` or ``postgresql://…``.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        self.database = Database(url)
        self._tables = self.database.metadata.tables
        self._seen: tuple[float, dict[str, str]] | None = None

    def close(self) -> None:
        """Release the connections."""
        self.database.close()

    # --- data tables -------------------------------------------------------------------------

    @contextmanager
    def importing(self) -> Iterator[ImportTransaction]:
        """One import: kept whole or not at all."""
        with self.database.writing() as connection:
            transaction = ImportTransaction(connection, self._tables)
            yield transaction
            transaction.mark()
        self._seen = None

    def upsert(self, table: str, frame: pd.DataFrame) -> int:
        """Write rows in a transaction of their own; the number that were new or different."""
        with self.importing() as transaction:
            return transaction.upsert(table, frame)

    def read(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        where: Sequence[sa.ColumnElement[bool]] = (),
        order: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
        offset: int | None = None,
    ) -> pd.DataFrame:
        """Rows of a table as a frame with the declared dtypes."""
        source = self._tables[table]
        names = list(columns) if columns is not None else [c for c in TABLES[table].names if c in source.c]
        query = sa.select(*(source.c[name] for name in names)).where(*where).order_by(*order)
        query = query.limit(limit).offset(offset)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return codec.decode(rows, names, TABLES[table])

    def complaints_at(self, place_hexes: Sequence[int], since: datetime, until: datetime) -> pd.DataFrame:
        """Complaints whose likeliest fix lies in one of the place hexes, accepted in the period."""
        complaints, fixes = self._tables["complaints"], self._tables["fixes"]
        names = ("complaint_id", "ticket_no", "customer_key", "accepted_at", "class", "status", "result")
        query = (
            sa.select(*(complaints.c[name] for name in names), fixes.c.lat, fixes.c.lon)
            .join(fixes, fixes.c.complaint_id == complaints.c.complaint_id)
            .where(
                fixes.c.place_hex.in_([int(hex_) for hex_ in place_hexes]),
                fixes.c["rank"] == 0,
                complaints.c.accepted_at.between(to_us(since), to_us(until)),
            )
        )
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return codec.decode(rows, [*names, "lat", "lon"], TABLES["complaints"])

    def newest(self, table: str, time_column: str, *where: sa.ColumnElement[bool]) -> int | None:
        """Largest stored time of a column in microseconds, None when there is no row."""
        column = self._tables[table].c[time_column]
        # Not max(): ordered, the index is walked from its end until the first row fits.
        query = sa.select(column).where(column.is_not(None), *where).order_by(column.desc()).limit(1)
        with self.database.reading() as connection:
            value = connection.execute(query).scalar()
        return None if value is None else int(value)

    def column(self, table: str, name: str) -> sa.Column:
        """A column to build conditions with."""
        return self._tables[table].c[name]

    def count(self, table: str, where: Sequence[sa.ColumnElement[bool]] = ()) -> int:
        """Number of rows that meet every condition."""
        query = sa.select(sa.func.count()).select_from(self._tables[table]).where(*where)
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def table_counts(self) -> dict[str, int]:
        """Rows per data table."""
        return {name: self.count(name) for name in TABLES if name in self._tables and name not in RUN_TABLES}

    # --- imports -----------------------------------------------------------------------------

    def data_version(self) -> int:
        """Grows by one with every import that changed something."""
        with self.database.reading() as connection:
            return _data_version(connection, self._tables["meta"])

    def changed(self, *tables: str) -> str:
        """A text that differs whenever one of these tables was changed by an import or an analysis.

        What other processes change is seen within :data:`SEEN_WITHIN_S`: one look-up asks several times.
        """
        now, seen = monotonic(), self._seen
        if seen is None or now - seen[0] > SEEN_WITHIN_S:
            meta = self._tables["meta"]
            query = sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_MARK, autoescape=True))
            with self.database.reading() as connection:
                seen = (now, {row[0]: row[1] for row in connection.execute(query)})
            self._seen = seen
        return " ".join(seen[1].get(_MARK + name, "") for name in tables)

    def contacts_state(self) -> tuple[str, int]:
        """When complaints or their places were last changed in bulk, and the number of the last single one."""
        singles = self._tables["singles"]
        with self.database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
        return self.changed("complaints", "fixes"), int(newest or 0)

    def first(self, table: str, name: str, *where: sa.ColumnElement[bool]) -> Any:
        """One column of the first row that meets every condition, None when there is none."""
        with self.database.reading() as connection:
            return connection.execute(sa.select(self._tables[table].c[name]).where(*where).limit(1)).scalar()

    def find_import(self, table: str, sha256: str, options: str) -> dict[str, Any] | None:
        """The earlier import of the same bytes into the same table with the same options, if any."""
        imports = self._tables["imports"]
        query = sa.select(imports).where(
            imports.c.table == table, imports.c.sha256 == sha256, imports.c.options == options
        )
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def imports(self) -> list[dict[str, Any]]:
        """Every import, newest first."""
        table = self._tables["imports"]
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.at.desc())).mappings()]

    # --- runs --------------------------------------------------------------------------------

    def start_run(self, options: dict[str, Any]) -> str:
        """A new run in state running; ids sort by time."""
        run_id = f"R{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
        row = {"run_id": run_id, "state": "running", "started_at": _now_us(), "share": 0.0, "doing": "queued"}
        with self.database.writing() as connection:
            version = _data_version(connection, self._tables["meta"])
            connection.execute(
                self._tables["runs"].insert().values(**row, options=codec.dump(options), data_version=version)
            )
        return run_id

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

        ``events`` (event, hotspot_id, other_id, …) enter the history of their hotspots.
        """
        runs = self._tables["runs"]
        with self.database.writing() as connection:
            for name, frame in results.items():
                bulk.append(connection, self._tables[name], frame, TABLES[name], run_id)
            for event in [] if events is None else events.to_dict("records"):
                detail = {"run": run_id, **{str(key): value for key, value in event.items()}}
                _record_event(connection, self._tables["events"], event["hotspot_id"], str(event["event"]), detail)
            values = {**summary, "state": "done", "finished_at": _now_us(), "share": 1.0, "doing": "done"}
            values["notes"] = codec.dump(list(summary.get("notes", ())))
            connection.execute(runs.update().where(runs.c.run_id == run_id).values(**values))

    def interrupt_running(self) -> int:
        """Mark runs that a dead process left running as interrupted; how many there were."""
        runs = self._tables["runs"]
        with self.database.writing() as connection:
            dead = runs.update().where(runs.c.state == "running").values(state="interrupted", doing="interrupted")
            return int(connection.execute(dead).rowcount)

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
        return _run(dict(row))

    def runs(self, limit: int = 100) -> list[Run]:
        """Runs, newest first."""
        runs = self._tables["runs"]
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        with self.database.reading() as connection:
            return [_run(dict(row)) for row in connection.execute(query).mappings()]

    def current_run(self) -> Run | None:
        """The newest finished run: what every map and list shows."""
        runs = self._tables["runs"]
        query = sa.select(runs).where(runs.c.state == "done").order_by(runs.c.finished_at.desc()).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return _run(dict(row)) if row else None

    def run_table(
        self, run_id: str, table: str, where: Sequence[sa.ColumnElement[bool]] = (), limit: int | None = None
    ) -> pd.DataFrame:
        """Rows of a result table that belong to a run."""
        return self.read(table, where=(self._tables[table].c.run_id == run_id, *where), limit=limit)

    # --- decisions and events ----------------------------------------------------------------

    def set_request_state(
        self,
        run_id: str,
        request_no: str,
        state: str,
        reason: str | None,
        approver: str | None,
        expected: str | None = None,
    ) -> None:
        """Record a decision on a site-build request together with its event.

        Raises
        ------
        Changed
            The request is not (any more) in the ``expected`` state.
        """
        requests = self._tables["site_requests"]
        match = (requests.c.run_id == run_id, requests.c.request_no == request_no)
        with self.database.writing() as connection:
            found = connection.execute(sa.select(requests.c.state).where(*match).with_for_update()).scalar()
            if found is None:
                raise NotFound(f"there is no site-build request {request_no!r}", field="request_no")
            if expected not in (None, found):
                raise Changed(f"the request has become {found} meanwhile; read it again", field="state")
            connection.execute(requests.update().where(*match).values(state=state, reason=reason, approver=approver))
            detail = {"run": run_id, "state": state, "reason": reason, "approver": approver}
            _record_event(connection, self._tables["events"], request_no, "request-state", detail)

    def record_event(self, subject: str, kind: str, detail: dict[str, Any]) -> None:
        """Append to the ledger of events."""
        with self.database.writing() as connection:
            _record_event(connection, self._tables["events"], subject, kind, detail)

    def events(self, subject: str) -> list[dict[str, Any]]:
        """Events of one subject, oldest first."""
        events = self._tables["events"]
        query = sa.select(events).where(events.c.subject == subject).order_by(events.c.at)
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [{**row, "at": from_us(row["at"]), "detail": orjson.loads(row["detail"])} for row in rows]


class ImportTransaction:
    """Writes of one import inside one database transaction."""

    def __init__(self, connection: sa.Connection, tables: Any) -> None:
        self._connection = connection
        self._tables = tables
        self._changed: set[str] = set()

    @contextmanager
    def loading(self, *tables: str) -> Iterator[frozenset[str]]:
        """Inside, many rows may be written quickly; answers which of ``tables`` were empty."""
        with loading(self._connection, [self._tables[name] for name in tables]) as empty:
            yield empty

    def upsert(self, table: str, frame: pd.DataFrame) -> int:
        """Write rows; how many were new or different."""
        return 0 if frame.empty else self.upsert_rows(table, bulk.rows_of(frame, TABLES[table]))

    def upsert_rows(self, table: str, rows: bulk.Rows) -> int:
        """Write rows made ready by :func:`geoservice.store.bulk.rows_of`; how many were new or different."""
        written = bulk.upsert(self._connection, self._tables[table], rows)
        if written:
            self._changed.add(table)
        return written

    def count(self, table: str) -> int:
        """Rows as this transaction sees them."""
        query = sa.select(sa.func.count()).select_from(self._tables[table])
        return int(self._connection.execute(query).scalar_one())

    def has(self, table: str, column: str, value: Any) -> bool:
        """Whether there is a row with that value."""
        query = sa.select(sa.literal(1)).select_from(self._tables[table]).where(self._tables[table].c[column] == value)
        return self._connection.execute(query.limit(1)).first() is not None

    def clear(self, table: str) -> None:
        """Delete every row."""
        self._changed.add(table)
        self._connection.execute(self._tables[table].delete())

    def delete_in(self, table: str, column: str, values: Sequence[Any]) -> None:
        """Delete the rows whose ``column`` is among ``values`` (in bounded batches)."""
        self._changed.add(table)
        target = self._tables[table]
        for start in range(0, len(values), 500):
            batch = list(values[start : start + 500])
            self._connection.execute(target.delete().where(target.c[column].in_(batch)))

    def record(self, report: ImportReport, sha256: str, options: str, import_id: str) -> None:
        """Enter the import in the ledger; the data version grows when something changed."""
        row = asdict(report)
        fields = ("table", "file", "read", "taken", "rejected", "duplicates", "rejects_file")
        self._connection.execute(
            self._tables["imports"]
            .insert()
            .values(
                import_id=import_id,
                sha256=sha256,
                options=options,
                notes=codec.dump(list(report.notes)),
                at=_now_us(),
                **{name: row[name] for name in fields},
            )
        )
        if report.taken:
            self.touch()

    def single(self, complaint_id: str) -> None:
        """What was written is one new complaint with its fixes, no change in bulk."""
        self._changed -= {"complaints", "fixes"}
        singles = self._tables["singles"]
        newest = self._connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
        self._connection.execute(singles.insert().values(number=int(newest or 0) + 1, complaint_id=complaint_id))

    def mark(self) -> None:
        """Note which tables were changed, so that what is kept of them in memory is read again."""
        meta, now = self._tables["meta"], str(_now_us())
        for name in sorted(self._changed):
            self._connection.execute(meta.delete().where(meta.c.key == _MARK + name))
            self._connection.execute(meta.insert().values(key=_MARK + name, value=now))

    def touch(self) -> None:
        """Let the data version grow."""
        meta = self._tables["meta"]
        version = _data_version(self._connection, meta) + 1
        self._connection.execute(meta.delete().where(meta.c.key == "data_version"))
        self._connection.execute(meta.insert().values(key="data_version", value=str(version)))


def from_us(microseconds: int | None) -> datetime | None:
    """Stored time to an aware datetime."""
    return None if microseconds is None else datetime.fromtimestamp(microseconds / 1e6, UTC)


def to_us(time: datetime) -> int:
    """Aware datetime to stored time."""
    return int(np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))


def _now_us() -> int:
    return to_us(datetime.now(UTC))


def _data_version(connection: sa.Connection, meta: sa.Table) -> int:
    return int(connection.execute(sa.select(meta.c.value).where(meta.c.key == "data_version")).scalar() or 0)


def _record_event(connection: sa.Connection, events: sa.Table, subject: str, kind: str, detail: dict[str, Any]) -> None:
    row = {
        "event_id": uuid.uuid4().hex,
        "subject": subject,
        "kind": kind,
        "at": _now_us(),
        "detail": codec.dump(detail),
    }
    connection.execute(events.insert().values(**row))


def _run(row: dict[str, Any]) -> Run:
    started = from_us(row["started_at"])
    assert started is not None  # noqa: S101 - the column is always written
    return Run(
        run_id=row["run_id"],
        state=row["state"],
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
