"""An older database grows the columns this version declares; nothing it holds is touched.

Declared columns are only ever added, and every added one may be empty, so a database of an earlier
version needs no dump: ``ALTER TABLE … ADD COLUMN`` is enough, and a missing value hashes like a
column that is not there, so known rows stay known. Decision 0110.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from geoservice.errors import ConfigError

_KEY = "columns"


def grow(connection: sa.Connection, metadata: sa.MetaData) -> tuple[str, ...]:
    """Add the columns and indexes the stored tables lack; which columns (``table.column``). One query when none does.

    Raises
    ------
    ConfigError
        A column that must have a value is missing: no value can be invented for the rows on file.
    """
    if is_grown(connection, metadata):
        return ()
    meta, key = metadata.tables["meta"], _key(metadata)
    stored = sa.inspect(connection).get_multi_columns(filter_names=list(metadata.tables))
    known = {name: {column["name"] for column in columns} for (_, name), columns in stored.items()}
    missing = [column for table in metadata.sorted_tables for column in table.c if column.name not in known[table.name]]
    for column in missing:
        _add(connection, column)
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    connection.execute(meta.delete().where(meta.c.key == key))
    connection.execute(meta.insert().values(key=key, value=_fingerprint(metadata)))
    return tuple(str(column) for column in missing)


def is_grown(connection: sa.Connection, metadata: sa.MetaData) -> bool:
    """Whether the stored tables were made, or grown, to what ``metadata`` declares."""
    meta = metadata.tables["meta"]
    stored = connection.execute(sa.select(meta.c.value).where(meta.c.key == _key(metadata))).scalar()
    return bool(stored == _fingerprint(metadata))


def _key(metadata: sa.MetaData) -> str:
    return f"{_KEY}{metadata.info.get('part', '')}"


def _add(connection: sa.Connection, column: sa.Column) -> None:
    if not column.nullable:
        raise ConfigError(
            f"the database is of an older version: table {column.table.name} has no column {column.name}, which must "
            "have a value; import the files again into a new database (--database)"
        )
    kind = column.type.compile(dialect=connection.dialect)
    connection.exec_driver_sql(f'ALTER TABLE "{column.table.name}" ADD COLUMN "{column.name}" {kind}')


def _fingerprint(metadata: sa.MetaData) -> str:
    names = sorted(f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.c)
    names += sorted(str(index.name) for table in metadata.sorted_tables for index in table.indexes)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
