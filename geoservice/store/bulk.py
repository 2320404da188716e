"""Many rows at once: insert what is new, replace what changed, count what was known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from geoservice.store import codec
from geoservice.tables import KEYS, Table

# Facts about the import, not about the thing: they do not make two rows different.
_NOT_CONTENT = frozenset({"import_id"})


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a data table as the database takes them: ready to be written, here or in another process."""

    names: tuple[str, ...]
    values: list[tuple[Any, ...]]


def rows_of(frame: pd.DataFrame, table: Table) -> Rows:
    """``frame`` as rows with their keys and hashes.

    A row whose natural key stands twice in ``frame`` counts once: the last one wins.
    """
    found = {name: codec.encoded(frame[name], table.by_name[name]) for name in codec.filled(frame, table)}
    extra = {"place_hex": frame["place_hex"].to_numpy(object)} if "place_hex" in frame.columns else {}
    keys = codec.row_hashes([found[name] for name in KEYS[table.name] if name in found], len(frame))
    content = codec.row_hashes([column for name, column in found.items() if name not in _NOT_CONTENT], len(frame))
    columns: dict[str, NDArray[Any]] = {
        "row_key": keys.astype(object),
        **{name: column.values for name, column in found.items()},
        **extra,
        "row_hash": content.astype(object),
    }
    last = _last_of_each(keys)
    if last.size < keys.size:
        columns = {name: values[last] for name, values in columns.items()}
    return Rows(tuple(columns), list(zip(*(values.tolist() for values in columns.values()), strict=True)))


def row_of(values: Mapping[str, Any], table: Table) -> Rows:
    """One row of plain values (missing ones left out), the same to the bit as :func:`rows_of` a frame of it."""
    plain, hashes = codec.encoded_row(values, table)
    key = codec.joined_hash(hashes[name] for name in KEYS[table.name] if name in hashes)
    content = codec.joined_hash(value for name, value in hashes.items() if name not in _NOT_CONTENT)
    if values.get("place_hex") is not None:
        plain["place_hex"] = int(values["place_hex"])
    return Rows(("row_key", *plain, "row_hash"), [(key, *plain.values(), content)])


def upsert(connection: sa.Connection, target: sa.Table, rows: Rows) -> int:
    """Write rows; how many were new or different (the others were known already)."""
    return _write(connection, target, rows, replace=True)


def append(connection: sa.Connection, target: sa.Table, frame: pd.DataFrame, table: Table, run_id: str) -> None:
    """Add the rows of a result table to a run."""
    if len(frame):
        columns = {"run_id": np.full(len(frame), run_id, object), **codec.encode(frame, table)}
        columns = {name: values for name, values in columns.items() if name in target.c}
        columns["run_id"] = np.full(len(frame), run_id, object)
        values = list(zip(*(column.tolist() for column in columns.values()), strict=True))
        _write(connection, target, Rows(tuple(columns), values), replace=False)


def _last_of_each(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first_from_end = np.unique(keys[::-1], return_index=True)
    return np.sort(keys.size - 1 - first_from_end)


def _write(connection: sa.Connection, target: sa.Table, rows: Rows, *, replace: bool) -> int:
    if not rows.values:
        return 0
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows.names))
        statement = f"INSERT INTO {target.name} ({_names(rows.names)}) VALUES ({marks})"  # noqa: S608 - declared names only
        result = connection.exec_driver_sql(statement + (_on_conflict(target) if replace else ""), rows.values)
        return int(result.rowcount)
    return _copy(connection, target, list(rows.names), rows.values, replace=replace)


def _copy(connection: sa.Connection, target: sa.Table, names: list[str], rows: list[tuple], *, replace: bool) -> int:
    """PostgreSQL: COPY into a temporary table, then one INSERT … SELECT."""
    staging = f"staging_{target.name}"
    connection.exec_driver_sql(f'CREATE TEMP TABLE IF NOT EXISTS "{staging}" (LIKE "{target.name}") ON COMMIT DROP')
    connection.exec_driver_sql(
        f'ALTER TABLE "{staging}" ALTER row_hash DROP NOT NULL' if "row_hash" in names else "SELECT 1"
    )
    connection.exec_driver_sql(f'TRUNCATE "{staging}"')
    cursor = connection.connection.cursor()
    with cursor.copy(f'COPY "{staging}" ({_names(names)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
    insert = f'INSERT INTO "{target.name}" ({_names(names)}) SELECT {_names(names)} FROM "{staging}"'  # noqa: S608
    result = connection.exec_driver_sql(insert + (_on_conflict(target) if replace else ""))
    return int(result.rowcount)


def _on_conflict(target: sa.Table) -> str:
    changes = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in target.c if c.name != "row_key")
    return f" ON CONFLICT (row_key) DO UPDATE SET {changes} WHERE {target.name}.row_hash <> excluded.row_hash"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
