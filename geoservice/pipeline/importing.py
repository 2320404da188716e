"""File to store: read, clean, locate, keep whole or not at all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from geoservice import intake, network, tables
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.pipeline.cell_changes import with_changes
from geoservice.pipeline.locating import LocatorCache, fixes_of, forget_fixes, without_private_cells
from geoservice.records import ImportOptions, ImportReport, Progress, RawChunk, silent
from geoservice.store import ImportTransaction, Store
from geoservice.tables import IMPORTABLE, TABLES

# Points of a chunk that are compared with cells and places; more would not change the verdict.
_DATUM_SAMPLE = 5_000
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
    rejects: list[pd.DataFrame] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cleaned:
    frames: dict[str, pd.DataFrame]
    rejects: pd.DataFrame
    duplicates: int
    notes: tuple[str, ...]


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

    The same bytes with the same options are recognised and change nothing. With
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
    sha256, signature = intake.file_sha256(path), _signature(options)
    known = place.store.find_import(table, sha256, signature)
    if known is not None:
        return _known_before(path, table, known, perf_counter() - started)
    import_id, tally, expected = f"I{uuid.uuid4().hex[:12]}", _Tally(), expected_rows(path)
    with place.store.importing() as transaction:
        for cleaned, read in _cleaned_chunks(place, table, path, options):
            _take(place, transaction, cleaned, tally, import_id)
            tally.read += read
            progress(min(0.95, tally.read / expected) if expected else 0.0, f"{tally.read:,} rows")
        rejects_file = _write_rejects(place, tally, path, import_id)
        _refuse_if_strict(options, tally, path, rejects_file)
        report = _report(path, table, tally, rejects_file, perf_counter() - started)
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


def _signature(options: ImportOptions) -> str:
    mapping = options.mapping.read_text("utf-8") if options.mapping else None
    return json.dumps([options.crs, options.timezone, options.source, mapping], ensure_ascii=False)


def _cleaned_chunks(place: Workplace, table: str, path: Path, options: ImportOptions) -> Iterator[tuple[_Cleaned, int]]:
    secret = intake.privacy.load_secret(place.folder) if table == "complaints" else b""
    for chunk in intake.read_rows(path, TABLES[table], options):
        yield _clean(place, chunk, table, options, secret), chunk.read


def _clean_complaints(chunk: RawChunk, options: ImportOptions, secret: bytes) -> _Cleaned:
    done = intake.complaints_from_rows(chunk, options, secret)
    frames = {"complaints": done.complaints, "satisfied": done.satisfied}
    return _Cleaned(frames, done.rejects, done.duplicates, tuple(done.notes))


def _clean(place: Workplace, chunk: RawChunk, table: str, options: ImportOptions, secret: bytes) -> _Cleaned:
    if table == "complaints":
        return _clean_complaints(chunk, options, secret)
    if table == "exposure":
        # Counts that name a place instead of a point find it among the places on file.
        done = network.clean_exposure(chunk, options, place.store.read("gazetteer"))
    else:
        done = network.CLEANERS[table](chunk, options)
    return _Cleaned({table: done.frame}, done.rejects, 0, tuple(done.notes))


def _take(place: Workplace, transaction: ImportTransaction, cleaned: _Cleaned, tally: _Tally, import_id: str) -> None:
    rows = 0
    changed = 0
    for table, frame in cleaned.frames.items():
        if frame.empty:
            continue
        rows += len(frame)
        if table == "complaints":
            frame = frame.assign(import_id=import_id)
            locator = place.locators.get(place.store, place.config)
            frame, private = without_private_cells(locator, frame)
            if private:
                tally.notes[f"{private} serving cells that look like telephone numbers were left out"] = None
            changed += _take_complaints(place, transaction, frame)
            tally.notes.update(dict.fromkeys(_datum_notes(place, frame)))
        else:
            stamped = with_changes(place.store, frame, datetime.now(UTC)) if table == "cells" else frame
            changed += transaction.upsert(table, stamped)
    tally.taken += changed
    tally.duplicates += rows - changed + cleaned.duplicates
    tally.rejected += len(cleaned.rejects.drop_duplicates("line")) if len(cleaned.rejects) else 0
    if len(cleaned.rejects):
        tally.rejects.append(cleaned.rejects)
    tally.notes.update(dict.fromkeys(cleaned.notes))


def _take_complaints(place: Workplace, transaction: ImportTransaction, frame: pd.DataFrame) -> int:
    """Store complaints and where they are; a complaint that changed loses its old fixes first."""
    locator = place.locators.get(place.store, place.config)
    before = transaction.count("complaints")
    changed = transaction.upsert("complaints", frame)
    if transaction.count("complaints") - before < changed:
        transaction.delete_in("fixes", "complaint_id", frame["complaint_id"].tolist())
    if changed:
        transaction.upsert("fixes", fixes_of(locator, frame))
    return changed


def _datum_notes(place: Workplace, complaints: pd.DataFrame) -> tuple[str, ...]:
    """What the offsets between points, serving cells and named places say about the datum; nothing is shifted."""
    pointed = complaints[complaints["lat"].notna() & complaints["lon"].notna()]
    if pointed.empty:
        return ()
    found = place.locators.get(place.store, place.config).check_datum(pointed.head(_DATUM_SAMPLE))
    return tuple(f"datum, against {name}: {one.evidence}" for name, one in found.items() if one.is_suspicious)


def _write_rejects(place: Workplace, tally: _Tally, path: Path, import_id: str) -> str | None:
    if not tally.rejects:
        return None
    folder = place.folder / "rejects"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{Path(intake.shown_name(path)).stem[:80]}-{import_id}.rejects.csv"
    intake.write_rejects(tables.concat(tally.rejects, tables.REJECTS), target)
    return str(target)


def _refuse_if_strict(options: ImportOptions, tally: _Tally, path: Path, rejects_file: str | None) -> None:
    if options.strict and tally.rejected:
        raise InputError(
            f"{path.name}: {tally.rejected} of {tally.read} records rejected; strict mode takes nothing. "
            f"See {rejects_file}"
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
