"""Opening the database: one folder with SQLite by default, PostgreSQL by URL.

SQLite runs in WAL mode with ``synchronous=FULL``: an acknowledged row survives a power cut.
Versions 3.7.0–3.51.2 have the WAL-reset bug (sqlite.org/wal.html#walresetbug) when two
connections write and checkpoint at once; every writer therefore holds a lock file, which also
keeps a second process from interleaving, and ``BEGIN IMMEDIATE`` never upgrades a read lock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from geoservice.errors import ConfigError, StateError
from geoservice.store import schema
from geoservice.store.growth import grow, is_grown

DEFAULT_URL = "sqlite:///var/geoservice.db"
# How long a command waits for another writer; who has a customer on the line, or a run's results in hand.
LOCK_WAIT_S = 60.0
QUICK_WAIT_S = 3.0
PATIENT_WAIT_S = 3600.0
BUSY = "busy"


class Database:
    """An engine, its schema, and the one-writer rule."""

    def __init__(self, url: str = DEFAULT_URL, metadata: sa.MetaData | None = None) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database) if self.is_sqlite and self.url.database else None
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Complaints are nobody else's business: WAL and shared-memory files inherit these rights.
            self.path.touch(mode=0o600, exist_ok=True)
        self.engine = _engine(self.url)
        self.metadata = schema.build() if metadata is None else metadata
        self._prepare()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent snapshot."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, wait_s: float | None = None) -> Iterator[sa.Connection]:
        """One transaction under the writer's lock: all of it is kept, or nothing.

        Raises
        ------
        StateError
            Another writer was not done within ``wait_s`` (None: :data:`LOCK_WAIT_S`); code ``busy``.
        """
        with self._writer_lock(LOCK_WAIT_S if wait_s is None else wait_s), self.engine.connect() as connection:
            # On SQLite the "begin" event below would start a deferred transaction; this flag makes it immediate.
            connection = connection.execution_options(geoservice_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _writer_lock(self, wait_s: float) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with open(self.path.with_suffix(".lock"), "w") as handle:
            _acquire(handle.fileno(), wait_s)
            yield

    def _prepare(self) -> None:
        try:
            if self._is_prepared():
                return
            with self.writing() as connection:
                self.metadata.create_all(connection)
                meta = self.metadata.tables["meta"]
                if not _check_version(connection, meta):
                    connection.execute(meta.insert().values(key="schema_version", value=str(schema.SCHEMA_VERSION)))
                grow(connection, self.metadata)
        except sa.exc.DBAPIError as error:
            raise ConfigError(f"the database cannot be opened: {type(error.orig).__name__}") from error

    def _is_prepared(self) -> bool:
        """Whether nothing is to be made or changed: then opening need not wait for a writer."""
        meta = self.metadata.tables["meta"]
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("meta"):
                return False
            return _check_version(connection, meta) and is_grown(connection, self.metadata)


def missing(url: str) -> bool:
    """Whether ``url`` names a SQLite file that is not there (or an empty one); PostgreSQL answers for itself."""
    parsed = _checked(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database is None:
        return False
    path = Path(parsed.database)
    return not path.is_file() or path.stat().st_size == 0


def _checked(url: str) -> sa.URL:
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigError("the database URL cannot be read; use sqlite:///FOLDER/FILE.db or postgresql://…") from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise ConfigError(f"database {backend!r} is not supported; use a SQLite file or PostgreSQL")


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: object, _record: object) -> None:
    # The driver must not start transactions on its own: "begin" below does it explicitly.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("geoservice_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _acquire(descriptor: int, wait_s: float) -> None:
    deadline = monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if monotonic() > deadline:
                raise StateError(
                    "another import or analysis is writing; try again when it has finished", code=BUSY
                ) from None
            sleep(0.05)


def _check_version(connection: sa.Connection, meta: sa.Table) -> bool:
    """Whether the database says which schema it has; it must be ours."""
    found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema_version")).scalar()
    if found is None:
        return False
    if int(found) != schema.SCHEMA_VERSION:
        raise ConfigError(f"the database has schema {found}, this version needs {schema.SCHEMA_VERSION}")
    return True
