"""Recognising headings: canonical names, real-world aliases, or the mapping file; never a guess."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from geoservice.errors import FileError
from geoservice.parsing.mapping import ColumnMapping
from geoservice.parsing.points import CRS_WORDS
from geoservice.parsing.text import lookup_key
from geoservice.tables import TABLES, Table

# What a file must bring: each line one alternative of column sets.
_NEEDED: Mapping[str, tuple[tuple[frozenset[str], ...], ...]] = {
    "complaints": (
        (frozenset({"ticket_no"}),),
        (frozenset({"accepted_at"}),),
        (frozenset({"text"}), frozenset({"class"})),
        (frozenset({"lat", "lon"}), frozenset({"place_text"}), frozenset({"serving_cgi"})),
    ),
    "cells": (
        (
            frozenset({"cgi"}),
            frozenset({"enb_id", "cell_id"}),
            frozenset({"enb_id", "ci"}),
            frozenset({"gnb_id", "cell_id"}),
            frozenset({"eci"}),
            frozenset({"nci"}),
            frozenset({"mcc", "mnc", "ci"}),
        ),
        (frozenset({"lat", "lon"}), frozenset({"lat_bd", "lon_bd"})),
    ),
    "measurements": (
        (frozenset({"time"}),),
        (frozenset({"lat", "lon"}),),
        (frozenset({"rsrp_dbm"}), frozenset({"rsrp_index"})),
    ),
    # Whether service is lost follows from severity and name where an export does not say it.
    "alarms": (
        *((frozenset({name}),) for name in ("object_key", "severity", "raised_at")),
        (frozenset({"code"}), frozenset({"name"})),
    ),
    "exposure": (
        (frozenset({"lat", "lon"}), frozenset({"hex"}), frozenset({"name"})),
        (frozenset({"customers"}), frozenset({"population"})),
    ),
}
_PARENTHESIS = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the headings mean: position → column, columns with one value for all rows, and what was left out."""

    positions: Mapping[int, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def by_heading(self, headings: Sequence[str]) -> dict[str, str]:
        """Heading → column, for the report."""
        return {headings[i]: column for i, column in self.positions.items()}


def recognise(
    headings: Sequence[str], table: Table, mapping: ColumnMapping, constants: Mapping[str, str], file: str
) -> Recognised:
    """Match headings to the columns of ``table``.

    Raises
    ------
    FileError
        A heading stands twice, two headings mean the same column, or a needed column is
        missing; the message names the choices.
    """
    _refuse_repeats(headings, file)
    declared = {lookup_key(k): v for k, v in mapping.columns.items()}
    found: dict[int, str] = {}
    hints: dict[str, str] = {}
    for i, heading in enumerate(headings):
        column = _column_of(heading, table, declared, file)
        if column:
            found[i] = column
            hints.update(_datum_hint(heading, column))
    _refuse_ambiguous(found, headings, table, file)
    fixed = {**constants, **({} if "crs" in found.values() else hints), **mapping.constants}
    _refuse_missing({*found.values(), *fixed}, headings, table, mapping, file)
    ignored = tuple(h for i, h in enumerate(headings) if i not in found and h)
    return Recognised(found, {k: v for k, v in fixed.items() if k not in found.values()}, ignored)


@cache
def aliases(table: str) -> Mapping[str, str]:
    """Lookup key → column of a table: canonical names and the aliases of ``reference/aliases.csv``."""
    text = (files("geoservice") / "reference" / "aliases.csv").read_text("utf-8")
    known = {
        lookup_key(row["alias"]): row["column"] for row in csv.DictReader(text.splitlines()) if row["table"] == table
    }
    return {**known, **{lookup_key(name): name for name in TABLES[table].file_names}}


def _column_of(heading: str, table: Table, declared: Mapping[str, str], file: str) -> str | None:
    key = lookup_key(heading)
    if key in declared:
        column = declared[key]
        if column and column not in table.by_name:
            known = ", ".join(table.file_names)
            raise FileError(
                f"{file}: the mapping sends {heading!r} to {column!r}; {table.name} has: {known}", field="mapping"
            )
        return column or None
    known_as = aliases(table.name)
    plain = _PARENTHESIS.sub("", unicodedata.normalize("NFKC", heading))
    return known_as.get(key) or known_as.get(lookup_key(plain))


def _datum_hint(heading: str, column: str) -> dict[str, str]:
    """A heading like 经度(GCJ02) says the datum of the pair."""
    if column not in {"lat", "lon"}:
        return {}
    inside = _PARENTHESIS.findall(unicodedata.normalize("NFKC", heading))
    known = [CRS_WORDS[lookup_key(word)] for word in inside if lookup_key(word) in CRS_WORDS]
    return {"crs": known[0]} if known else {}


def _refuse_repeats(headings: Sequence[str], file: str) -> None:
    named = [h for h in headings if h and not re.fullmatch(r"Unnamed: \d+", h)]
    repeated = sorted({h for h in named if named.count(h) > 1}) if len(set(named)) < len(named) else []
    if repeated:
        raise FileError(f"{file}: the heading {repeated[0]!r} stands twice; rename one of them", field=repeated[0])


def _refuse_ambiguous(found: Mapping[int, str], headings: Sequence[str], table: Table, file: str) -> None:
    by_column: dict[str, list[str]] = {}
    for i, column in found.items():
        by_column.setdefault(column, []).append(headings[i])
    for column, choices in by_column.items():
        if len(choices) > 1:
            names = " and ".join(repr(c) for c in choices)
            raise FileError(
                f"{file}: {names} both mean {table.name}.{column}; choose one in a mapping file, "
                f'with the other set to "" under [columns]',
                field=column,
            )


def _refuse_missing(have: set[str], headings: Sequence[str], table: Table, mapping: ColumnMapping, file: str) -> None:
    for alternatives in _needs(table, mapping):
        if not any(needed <= have for needed in alternatives):
            wanted = " or ".join("+".join(sorted(needed)) for needed in alternatives)
            seen = ", ".join(headings[:40])
            raise FileError(
                f"{file}: no column for {wanted} of table {table.name}; headings found: {seen}; "
                "name them in a mapping file",
                field=sorted(alternatives[0])[0],
            )


def _needs(table: Table, mapping: ColumnMapping) -> list[tuple[frozenset[str], ...]]:
    needs = _NEEDED.get(table.name)
    if needs is None:
        needs = tuple((frozenset({c.name}),) for c in table.columns if c.required and c.origin != "ours")
    without_number = table.name == "complaints" and mapping.content_identity
    return [n for n in needs if not (without_number and n == (frozenset({"ticket_no"}),))]
