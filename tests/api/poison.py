"""A copy of an analysed town in which every text somebody could have typed is hostile."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

# Columns with words of people, of files and of other systems.
TEXTS = {
    "cells": ("cell_name", "site_name", "vendor", "address"),
    "gazetteer": ("name", "alt_names", "admin"),
    "alarms": ("code",),
    "complaints": ("text", "place_text", "terminal_model", "event_note"),
    "hotspots": ("sentence_zh", "sentence_en"),
    "site_requests": (
        "place", "district", "scene", "site_notes", "risk_notes", "tests_done", "competitor", "reason", "approver",
        "sentence_zh", "sentence_en",
    ),
}  # fmt: skip
LONGEST = {"complaints": 4000, "site_requests": 50_000}


def poisoned(original: Path, folder: Path, texts: Sequence[str]) -> Path:
    """The database of the copy; row ``k`` says ``texts[k % len(texts)]``, and there is a request for each text."""
    shutil.copytree(original.parent, folder)
    path = folder / original.name
    with sqlite3.connect(path) as database:
        _one_request_a_text(database, len(texts))
        for table, columns in TEXTS.items():
            rows = [row[0] for row in database.execute(f"SELECT rowid FROM {table}")]
            assign = ", ".join(f"{column} = ?" for column in columns)
            # As much of it as an import would have taken.
            most = LONGEST.get(table, 300)
            values = [(*[texts[k % len(texts)][:most]] * len(columns), row) for k, row in enumerate(rows)]
            database.executemany(f"UPDATE {table} SET {assign} WHERE rowid = ?", values)
    return path


def _one_request_a_text(database: sqlite3.Connection, count: int) -> None:
    names = [row[1] for row in database.execute("PRAGMA table_info(site_requests)") if row[1] != "request_no"]
    columns = ", ".join(f'"{name}"' for name in names)
    first = database.execute("SELECT min(rowid) FROM site_requests").fetchone()[0]
    database.execute("DELETE FROM site_requests WHERE rowid <> ?", [first])
    for number in range(1, count):
        database.execute(
            f"INSERT INTO site_requests (request_no, {columns}) SELECT ?, {columns} FROM site_requests WHERE rowid = ?",
            [f"SR-X{number:03d}", first],
        )
