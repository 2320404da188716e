"""The registry: who may come in, what they did, which jobs wait; apart from the data, so that neither waits.

On SQLite it is a file of its own beside the data (``geoservice-registry.db``): a long import holds the data's writer
lock for minutes, and meanwhile people must log in, reads must be recorded and the import itself must tell how far it
is. On PostgreSQL the tables stand in the same database, where writers do not block one another.
"""

from __future__ import annotations

import sqlalchemy as sa

from geoservice.store.database import Database

_IMMUTABLE = "the audit log only grows"
TABLES: dict[str, tuple[tuple[str, type[sa.types.TypeEngine]], ...]] = {
    "users": (
        ("name", sa.Text),
        ("role", sa.Text),
        ("password", sa.Text),
        ("created_at", sa.BigInteger),
        ("disabled_at", sa.BigInteger),
    ),
    "sessions": (
        ("token", sa.Text),
        ("user", sa.Text),
        ("created_at", sa.BigInteger),
        ("expires_at", sa.BigInteger),
    ),
    "keys": (
        ("key_id", sa.Text),
        ("hash", sa.Text),
        ("name", sa.Text),
        ("role", sa.Text),
        ("created_at", sa.BigInteger),
        ("expires_at", sa.BigInteger),
        ("revoked_at", sa.BigInteger),
    ),
    "audit": (
        ("seq", sa.BigInteger),
        ("at", sa.BigInteger),
        ("actor", sa.Text),
        ("role", sa.Text),
        ("via", sa.Text),
        ("address", sa.Text),
        ("action", sa.Text),
        ("subject", sa.Text),
        ("detail", sa.Text),
        ("hash", sa.Text),
    ),
    "jobs": (
        ("job_id", sa.Text),
        ("kind", sa.Text),
        ("state", sa.Text),
        ("actor", sa.Text),
        ("role", sa.Text),
        ("request", sa.Text),
        ("created_at", sa.BigInteger),
        ("started_at", sa.BigInteger),
        ("finished_at", sa.BigInteger),
        ("share", sa.Double),
        ("doing", sa.Text),
        ("attempts", sa.BigInteger),
        ("worker", sa.Text),
        ("heard_at", sa.BigInteger),
        ("cancelled_by", sa.Text),
        ("result", sa.Text),
        ("error", sa.Text),
    ),
}
_KEYS = {"users": "name", "sessions": "token", "keys": "key_id", "audit": "seq", "jobs": "job_id"}
_INDEXES = (("sessions", "user"), ("audit", "at"), ("jobs", "state"), ("keys", "hash"))


def open_registry(data: Database) -> Database:
    """The registry that belongs to a database of data."""
    url = data.url
    if data.path is not None:
        url = url.set(database=str(data.path.with_name(f"{data.path.stem}-registry.db")))
    return Database(url.render_as_string(hide_password=False), _metadata())


def _metadata() -> sa.MetaData:
    # On PostgreSQL both parts share one "meta" table.
    metadata = sa.MetaData(info={"part": ":registry"})
    for name, columns in TABLES.items():
        sa.Table(name, metadata, *(_column(c, kind, primary=c == _KEYS[name]) for c, kind in columns))
    for name, column in _INDEXES:
        sa.Index(f"ix_{name}_{column}", metadata.tables[name].c[column])
    sa.Table("meta", metadata, _column("key", sa.Text, primary=True), sa.Column("value", sa.Text))
    for guard in _guards(metadata.tables["audit"]):
        sa.event.listen(metadata.tables["audit"], "after_create", guard)
    return metadata


def _column(name: str, kind: type[sa.types.TypeEngine], *, primary: bool) -> sa.Column:
    return sa.Column(name, kind, primary_key=primary, autoincrement=False)


def _guards(_audit: sa.Table) -> list[sa.DDL]:
    """The database itself refuses to change or delete what was recorded."""
    sqlite = [
        sa.DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit BEGIN SELECT RAISE(ABORT, '{_IMMUTABLE}'); END"
        ).execute_if(dialect="sqlite")
        for verb in ("update", "delete")
    ]
    postgres = [
        sa.DDL(  # type: ignore[no-untyped-call]
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_IMMUTABLE}'; END $$"
        ).execute_if(dialect="postgresql"),
        sa.DDL(  # type: ignore[no-untyped-call]
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        ).execute_if(dialect="postgresql"),
    ]
    return [*sqlite, *postgres]
