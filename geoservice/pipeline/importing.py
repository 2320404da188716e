"""File to store: read, clean, locate, keep whole or not at all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from geoservice import intake, network
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.parsing.counting import counted
from geoservice.pipeline.cell_changes import with_changes
from geoservice.pipeline.locating import LocatorCache, forget_fixes
from geoservice.pipeline.parallel import crew, usable_workers
from geoservice.pipeline.preparing import ComplaintWork, Prepared
from geoservice.pipeline.shared_points import settle
from geoservice.records import ImportOptions, ImportReport, Progress, RawChunk, silent
from geoservice.store import ImportTransaction, Store
from geoservice.store.bulk import rows_of
from geoservice.tables import IMPORTABLE, TABLES

# Smaller files are done before other processes would have started.
_WORTH_SHARING_BYTES = 8_000_000
# Tables an import writes to besides its own.
_WRITTEN = {"complaints": ("complaints", "fixes", "satisfied")}
# Tables that decide what a file of another table becomes: after they changed, the same bytes are read again.
_READ = {"exposure": ("gazetteer",), "measurements": ("cells",)}
_LINE_FORMATS = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson"})
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Workplace:
    """What an import needs besides the file: the store, the folder beside it, secret and thresholds."""

    store: Store
    folder: Path
    config: Config
    locators: LocatorCache


@dataclass(slots=True)
class _Tally:
    read: int = 0
    taken: int = 0
    rejected: int = 0
    duplicates: int = 0
    points: list[NDArray[np.int64]] = field(default_factory=list)
    keys: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    notes: dict[str, None] = field(default_factory=dict)


def table_name(name: str) -> str:
    """The declared table a user means (``energy-windows`` → ``energy_windows``)."""
    table = name.replace("-", "_")
    if table not in IMPORTABLE:
        raise InputError(f"unknown table {name!r}; use one of {', '.join(IMPORTABLE)}", field="table")
    return table


def import_file(
    place: Workplace, name: str, path: Path, options: ImportOptions, progress: Progress = silent
) -> ImportReport:
    """Import one file into one table; all of it in one transaction.

    The same bytes with the same options are recognised and change nothing, unless another file changed the table
    since (then they are a return to what was), or a table their rows are placed by has changed. With
    ``options.strict`` a single reject refuses the whole file.

    Raises
    ------
    InputError
        The file cannot be taken at all, or strict mode met a reject.
    """
    with intake.discreet(path):
        return _import(place, table_name(name), path, options, progress)


def _import(place: Workplace, table: str, path: Path, options: ImportOptions, progress: Progress) -> ImportReport:
    started = perf_counter()
    sha256, signature = intake.file_sha256(path), _signature(options, place.store.changed(*_READ.get(table, ())))
    known = place.store.find_import(table, sha256, signature)
    if known is not None:
        return _known_before(path, table, known, perf_counter() - started)
    # What condemns the file as a whole is found before anything is begun.
    opened = intake.open_rows(path, TABLES[table], options)
    import_id, tally, expected = f"I{uuid.uuid4().hex[:12]}", _Tally(), expected_rows(path)
    work = _work_of(place, table, options, import_id)
    # One process where a service outside is asked: it is asked so often a second, not so often a process.
    shared = table == "complaints" and place.locators.online is None and path.stat().st_size > _WORTH_SHARING_BYTES
    workers = usable_workers() if shared else 1
    if workers > 1 and isinstance(work, ComplaintWork):
        work.warm()
    # The crew is made before the transaction: its processes must not hold the writer's lock.
    rejects = intake.RejectFile(_rejects_path(place, path, import_id))
    with crew(work, workers) as mapped, rejects, place.store.importing() as transaction:
        with transaction.loading(*_WRITTEN.get(table, (table,))) as empty:
            for prepared in mapped(intake.rows_of_opened(opened, path.name, TABLES[table], options)):
                _take(transaction, prepared, tally, empty)
                rejects.add(prepared.rejects)
                progress(min(0.95, tally.read / expected) if expected else 0.0, f"{tally.read:,} rows")
        rejects_file = rejects.publish()
        _refuse_if_strict(options, tally, path, rejects_file)
        if isinstance(work, ComplaintWork):
            settle(transaction, work.locator, tally.points, first="complaints" in empty)
        report = _report(path, table, tally, str(rejects_file) if rejects_file else None, perf_counter() - started)
        report = replace(report, mapping=opened.mapping_found)
        transaction.record(report, sha256, signature, import_id)
        if table in {"gazetteer", "cells"} and tally.taken:
            forget_fixes(transaction)
            place.locators.clear()
    return report


def expected_rows(path: Path) -> int:
    """About how many rows a file has, for a progress bar; 0 when that cannot be told without reading it all."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        try:
            return int(pq.ParquetFile(path).metadata.num_rows)
        except (OSError, ValueError):
            return 0
    if path.suffix.lower() not in _LINE_FORMATS:
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))


def _signature(options: ImportOptions, read: str) -> str:
    """What besides its bytes decides what becomes of a file; ``read`` tells the state of the tables it is placed by."""
    mapping = options.mapping.read_text("utf-8") if options.mapping else None
    told = [options.crs, options.timezone, options.source, options.encoding, options.strict, mapping, read]
    return json.dumps(told, ensure_ascii=False)


def _work_of(place: Workplace, table: str, options: ImportOptions, import_id: str) -> Callable[[RawChunk], Prepared]:
    """What is done with every chunk of a table before it is written."""
    if table == "complaints":
        secret = intake.privacy.load_secret(place.folder)
        return ComplaintWork(options, secret, place.locators.get(place.store, place.config), import_id)
    # Counts that name a place instead of a point find it among the places on file.
    gazetteer = place.store.read("gazetteer") if table == "exposure" else None
    # Measurements that tell a cell's channel and physical identity only find it among the cells on file.
    cells = place.store.read("cells") if table == "measurements" else None

    def clean(chunk: RawChunk) -> Prepared:
        if gazetteer is None:
            done = network.CLEANERS[table](chunk, options)
        else:
            done = network.clean_exposure(chunk, options, gazetteer)
        notes = list(done.notes)
        frame = with_changes(place.store, done.frame, datetime.now(UTC)) if table == "cells" else done.frame
        if cells is not None:
            frame, found = network.with_resolved_cells(frame, cells)
            notes += [counted(found, "measurements got the nearest cell of their channel and PCI")] if found else []
        rows = {table: rows_of(frame, TABLES[table])} if len(frame) else {}
        duplicates = len(frame) - sum(len(one.values) for one in rows.values())
        return Prepared(rows, done.rejects, chunk.read, duplicates, tuple(notes))

    return clean


def _take(transaction: ImportTransaction, prepared: Prepared, tally: _Tally, empty: frozenset[str]) -> None:
    found = changed = 0
    for table, rows in prepared.rows.items():
        if table == "fixes":
            continue
        found += len(rows.values)
        write = _take_complaints if table == "complaints" else _take_rows
        changed += write(transaction, prepared, tally, table, empty)
    tally.read += prepared.read
    tally.taken += changed
    tally.duplicates += found - changed + prepared.duplicates
    if len(prepared.rejects):
        tally.rejected += int(prepared.rejects["line"].nunique())
    if len(prepared.points):
        tally.points.append(prepared.points)
    tally.notes.update(dict.fromkeys(prepared.notes))


def _take_rows(
    transaction: ImportTransaction, prepared: Prepared, _tally: _Tally, table: str, _empty: frozenset[str]
) -> int:
    return transaction.upsert_rows(table, prepared.rows[table])


def _take_complaints(
    transaction: ImportTransaction, prepared: Prepared, tally: _Tally, table: str, empty: frozenset[str]
) -> int:
    """Store complaints and where they are; a complaint that changed loses its old fixes first."""
    again = _known(transaction, prepared, tally) if table in empty else None
    before = transaction.count(table) if again is None else 0
    changed = transaction.upsert_rows(table, prepared.rows[table])
    if again is None and transaction.count(table) - before < changed:
        again = prepared.complaint_ids
    if again and changed:
        transaction.delete_in("fixes", "complaint_id", again)
    if changed:
        transaction.upsert_rows("fixes", prepared.rows["fixes"])
    return changed


def _known(transaction: ImportTransaction, prepared: Prepared, tally: _Tally) -> list[str]:
    """Complaints that an earlier chunk of this file brought; the table was empty before."""
    keys = np.fromiter((row[0] for row in prepared.rows["complaints"].values), np.int64)
    found = np.isin(keys, tally.keys)
    tally.keys = np.concatenate([tally.keys, keys[~found]])
    at = prepared.rows["complaints"].names.index("complaint_id")
    return [prepared.rows["complaints"].values[i][at] for i in np.flatnonzero(found).tolist()]


def _rejects_path(place: Workplace, path: Path, import_id: str) -> Path:
    return place.folder / "rejects" / f"{Path(intake.shown_name(path)).stem[:80]}-{import_id}.rejects.csv"


def _refuse_if_strict(options: ImportOptions, tally: _Tally, path: Path, rejects_file: Path | None) -> None:
    if options.strict and tally.rejected:
        raise InputError(
            f"{path.name}: {tally.rejected} of {tally.read} records rejected; strict mode takes nothing. "
            f"See rejects/{rejects_file.name if rejects_file else ''}"
        )


def _report(path: Path, table: str, tally: _Tally, rejects_file: str | None, seconds: float) -> ImportReport:
    return ImportReport(
        file=intake.shown_name(path),
        table=table,
        read=tally.read,
        taken=tally.taken,
        rejected=tally.rejected,
        duplicates=tally.duplicates,
        rejects_file=rejects_file,
        seconds=round(seconds, 3),
        notes=tuple(tally.notes),
    )


def _known_before(path: Path, table: str, known: dict[str, object], seconds: float) -> ImportReport:
    read, rejected = int(np.int64(known["read"])), int(np.int64(known["rejected"]))  # type: ignore[arg-type]
    report = _report(path, table, _Tally(read=read, rejected=rejected, duplicates=read - rejected), None, seconds)
    note = "the same file was imported before; nothing changed"
    rejects_file = known["rejects_file"]
    return replace(report, notes=(note,), rejects_file=str(rejects_file) if rejects_file else None)
