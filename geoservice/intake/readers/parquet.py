"""Parquet in batches, under a row limit (the sizes a footer claims cannot be trusted)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoservice.errors import FileError
from geoservice.intake.readers import limits
from geoservice.intake.readers.block import Block
from geoservice.parsing.rejects import reject_rows


@dataclass(frozen=True)
class Parquet:
    """A Parquet file; rows are numbered from 1."""

    path: Path
    names: tuple[str, ...]

    kind: ClassVar[str] = "parquet"
    encoding: ClassVar[str] = "utf-8"
    serials: ClassVar[str | None] = None

    def headings(self) -> tuple[str, ...]:
        return self.names

    def blocks(self) -> Iterator[Block]:
        import pyarrow.parquet as pq

        line = 1
        with self.path.open("rb") as file:
            batches = pq.ParquetFile(file).iter_batches(batch_size=limits.CHUNK_RECORDS, use_threads=False)
            for batch in _guarded(batches, self.path):
                if batch.nbytes > limits.MAX_BATCH_BYTES:
                    raise FileError(
                        f"{self.path.name}: rows unpack beyond {limits.MAX_BATCH_BYTES:,} bytes; this is a bomb"
                    )
                yield _block(batch, self.names, line)
                line += batch.num_rows


def open_parquet(path: Path) -> Parquet:
    """A Parquet file whose row count is within the limit and in proportion to its size."""
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            metadata = pq.ParquetFile(file)
            rows, names = metadata.metadata.num_rows, tuple(metadata.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileError(f"{path.name}: not a readable Parquet file ({type(error).__name__})") from error
    if rows > limits.MAX_PARQUET_ROWS:
        raise FileError(f"{path.name}: {rows:,} rows, limit {limits.MAX_PARQUET_ROWS:,}")
    if rows > limits.PARQUET_RATIO_FROM_ROWS and path.stat().st_size < rows * limits.MIN_PARQUET_BYTES_PER_ROW:
        raise FileError(f"{path.name}: {rows:,} rows in {path.stat().st_size:,} bytes; this is a bomb")
    if len(names) > limits.MAX_COLUMNS:
        raise FileError(f"{path.name}: more than {limits.MAX_COLUMNS:,} columns")
    return Parquet(path, names)


def _guarded(batches: Iterator[Any], path: Path) -> Iterator[Any]:
    while True:
        try:
            batch = next(batches)
            # A damaged page can decode to offsets that point outside its text: the next function would crash on them.
            batch.validate(full=True)
        except StopIteration:
            return
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FileError(f"{path.name}: the file is damaged ({type(error).__name__})") from error
        yield batch


def _block(batch: Any, names: tuple[str, ...], first: int) -> Block:
    columns = {f"{i}\x1f{n}": _as_text(batch.column(i)) for i, n in enumerate(names)}
    frame = pd.DataFrame(columns, index=range(batch.num_rows))
    lines = np.arange(first, first + batch.num_rows)
    with_nul = (
        frame.apply(lambda c: c.str.contains("\0", regex=False)).any(axis=1).to_numpy(bool) if len(frame) else lines < 0
    )
    rejects = reject_rows(lines[with_nul], "", "nul", "the record holds a NUL character; remove it")
    return Block(frame[~with_nul].reset_index(drop=True), lines[~with_nul], rejects, batch.num_rows)


def _as_text(column: Any) -> pd.Series:
    """A typed column as the text a CSV would hold."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        column = pa.array([_joined(v) for v in column.to_pylist()], pa.large_string())
    if pa.types.is_floating(column.type):
        whole = pc.cast(
            pc.if_else(pc.equal(column, pc.round(column)), pc.cast(column, pa.int64(), safe=False), None),
            pa.large_string(),
        )
        column = pc.coalesce(whole, pc.cast(column, pa.large_string()))
    texts = pc.fill_null(pc.cast(column, pa.large_string()), "")
    return pd.Series(texts, dtype="str")


def _joined(value: Any) -> str | None:
    if isinstance(value, list):
        return "|".join("" if item is None else str(item) for item in value)
    return value.hex() if isinstance(value, bytes) else (None if value is None else str(value))
