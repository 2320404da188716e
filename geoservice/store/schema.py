"""The database schema, generated from the declared tables, the same on SQLite and PostgreSQL.

Data tables carry ``row_key`` (hash of the natural key, primary) and ``row_hash`` (hash of the
content), so that an import is idempotent by one statement. Result tables carry ``run_id``.
Times are stored as microseconds since 1970 UTC and hexes as BIGINT: exact, equal and indexable
on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from geoservice.tables import KEYS, TABLES, Column, Table

SCHEMA_VERSION = 1

RUN_TABLES: tuple[str, ...] = (
    "hotspots",
    "hotspot_members",
    "hex_rates",
    "coverage",
    "serving",
    "evidence",
    "diagnoses",
    "actions",
    "site_requests",
)

# Columns that queries search by; everything else is read whole.
INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("complaints", ("accepted_at",)),
    ("complaints", ("customer_key",)),
    ("complaints", ("ticket_no",)),
    ("fixes", ("place_hex",)),
    ("fixes", ("complaint_id",)),
    ("complaints", ("complaint_id",)),
    ("complaints", ("lat",)),
    ("alarms", ("object_key",)),
    ("alarms", ("raised_at",)),
    ("kpis", ("cgi",)),
    ("measurements", ("cgi",)),
    ("cells", ("site_id",)),
    ("cells", ("cgi",)),
    ("cells", ("cell_name",)),
    ("cells", ("site_name",)),
    ("cells", ("lat",)),
    ("planned_sites", ("plan_no",)),
    ("hotspots", ("run_id", "hotspot_id")),
    ("hotspot_members", ("run_id", "hotspot_id")),
    ("hex_rates", ("run_id", "class_group")),
    ("coverage", ("run_id", "hex")),
    ("serving", ("run_id", "hex")),
    ("evidence", ("run_id", "subject_id")),
    ("diagnoses", ("run_id", "subject_id")),
    ("actions", ("run_id", "subject_id")),
    ("site_requests", ("run_id", "request_no")),
)

# Columns that are searched by their beginning: PostgreSQL must order them by bytes, as SQLite does.
_SEARCHED = frozenset(
    {
        ("cells", "cgi"),
        ("cells", "cell_name"),
        ("cells", "site_id"),
        ("cells", "site_name"),
        ("planned_sites", "plan_no"),
        ("complaints", "ticket_no"),
    }
)
_BY_BYTES = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_SQL_TYPES: dict[str, type[sa.types.TypeEngine]] = {
    "text": sa.Text,
    "json": sa.Text,
    "local_time": sa.Text,
    "date": sa.Text,
    "float": sa.Double,
    "int": sa.BigInteger,
    "hex": sa.BigInteger,
    "bool": sa.SmallInteger,
    "time": sa.BigInteger,
}

# The ledger of the store itself: what was imported, what was analysed, what people decided.
LEDGER_TABLES: dict[str, tuple[tuple[str, type[sa.types.TypeEngine]], ...]] = {
    "meta": (("key", sa.Text), ("value", sa.Text)),
    "imports": (
        ("import_id", sa.Text),
        ("table", sa.Text),
        ("file", sa.Text),
        ("sha256", sa.Text),
        ("options", sa.Text),
        ("read", sa.BigInteger),
        ("taken", sa.BigInteger),
        ("rejected", sa.BigInteger),
        ("duplicates", sa.BigInteger),
        ("rejects_file", sa.Text),
        ("notes", sa.Text),
        ("at", sa.BigInteger),
    ),
    "runs": (
        ("run_id", sa.Text),
        ("state", sa.Text),
        ("started_at", sa.BigInteger),
        ("finished_at", sa.BigInteger),
        ("share", sa.Double),
        ("doing", sa.Text),
        ("options", sa.Text),
        ("data_version", sa.BigInteger),
        ("complaints", sa.BigInteger),
        ("customers", sa.BigInteger),
        ("hotspots", sa.BigInteger),
        ("seconds", sa.Double),
        ("notes", sa.Text),
        ("error", sa.Text),
        ("worker", sa.Text),
    ),
    "events": (
        ("event_id", sa.Text),
        ("subject", sa.Text),
        ("kind", sa.Text),
        ("at", sa.BigInteger),
        ("detail", sa.Text),
    ),
    # Every request ever made, with what was decided: it outlives the runs, whose rows are written anew.
    "request_ledger": (
        ("request_no", sa.Text),
        ("hotspot_id", sa.Text),
        ("type", sa.Text),
        ("lat", sa.Double),
        ("lon", sa.Double),
        ("search_ring_m", sa.Double),
        ("state", sa.Text),
        ("reason", sa.Text),
        ("approver", sa.Text),
    ),
    # Complaints taken one by one, in their order: who keeps columns in memory adds just these.
    "singles": (("number", sa.BigInteger), ("complaint_id", sa.Text)),
    # Requests that may be sent twice: hashes of key and content, and what became of them.
    "repeats": (
        ("key", sa.Text),
        ("fingerprint", sa.Text),
        ("first_at", sa.BigInteger),
        ("claimed_at", sa.BigInteger),
        ("subject", sa.Text),
        ("created", sa.SmallInteger),
    ),
}
_LEDGER_KEYS = {
    "meta": "key",
    "imports": "import_id",
    "runs": "run_id",
    "events": "event_id",
    "request_ledger": "request_no",
    "repeats": "key",
    "singles": "number",
}


def build() -> sa.MetaData:
    """The whole schema as SQLAlchemy metadata."""
    metadata = sa.MetaData()
    for name in KEYS:
        _data_table(metadata, TABLES[name])
    for name in RUN_TABLES:
        _run_table(metadata, TABLES[name])
    for name, columns in LEDGER_TABLES.items():
        _ledger_table(metadata, name, columns)
    for name, keys in INDEXES:
        table = metadata.tables[name]
        sa.Index(f"ix_{name}_{'_'.join(keys)}", *(table.c[key] for key in keys))
    return metadata


def _data_table(metadata: sa.MetaData, table: Table) -> None:
    columns = [sa.Column("row_key", sa.BigInteger, primary_key=True, autoincrement=False)]
    columns += _declared(table)
    if table.name == "fixes":
        columns.append(sa.Column("place_hex", sa.BigInteger))
    columns.append(sa.Column("row_hash", sa.BigInteger, nullable=False))
    sa.Table(table.name, metadata, *columns)


def _run_table(metadata: sa.MetaData, table: Table) -> None:
    declared = [column for column in _declared(table) if column.name != "run_id"]
    sa.Table(table.name, metadata, sa.Column("run_id", sa.Text, nullable=False), *declared)


def _ledger_table(metadata: sa.MetaData, name: str, columns: tuple[tuple[str, type[sa.types.TypeEngine]], ...]) -> None:
    key = _LEDGER_KEYS[name]
    sa.Table(name, metadata, *(sa.Column(c, kind, primary_key=c == key) for c, kind in columns))


def _declared(table: Table) -> list[sa.Column]:
    return [
        sa.Column(column.name, _type(table.name, column), nullable=not column.required)
        for column in table.columns
        if column.origin != "file"
    ]


def _type(table: str, column: Column) -> sa.types.TypeEngine | type[sa.types.TypeEngine]:
    return _BY_BYTES if (table, column.name) in _SEARCHED else _SQL_TYPES[column.dtype]
