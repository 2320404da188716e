"""Families of files known as they come: MyCall, OpenCelliD/MLS, GeoNames."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geoservice.errors import FileError
from geoservice.parsing.text import lookup_key
from geoservice.tables import Table

# GeoNames "geoname" table, readme.txt of download.geonames.org: 19 columns, no heading.
GEONAMES = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature class", "feature code",
    "country code", "cc2", "admin1 code", "admin2 code", "admin3 code", "admin4 code", "population", "elevation",
    "dem", "timezone", "modification date",
)  # fmt: skip
_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Family:
    """What a family says about its files: constant columns and whether equal rows are one row."""

    name: str
    constants: Mapping[str, str] = field(default_factory=dict)
    content_identity: bool = False
    names: tuple[str, ...] | None = None


def family_of(path: Path, headings: tuple[str, ...], table: Table) -> Family | None:
    """The family a file belongs to, judged by its headings; None for an ordinary file."""
    keys = {lookup_key(h) for h in headings}
    if table.name == "complaints" and "calldropcategory" in keys and "rating" in keys:
        return Family(
            "mycall", {"source": "mycall", "accepted_at": _month_of(path), "ticket_no": ""}, content_identity=True
        )
    if table.name == "cells" and "radio" in keys and "mcc" in keys:
        return Family("opencellid", {"position_source": "crowd"})
    return None


def is_geonames(first_line: str) -> bool:
    """Whether a line is a row of the GeoNames dump: 19 tab-separated fields, an id, two coordinates."""
    fields = first_line.split("\t")
    number = re.compile(r"-?\d+(\.\d+)?")
    return len(fields) == len(GEONAMES) and fields[0].isdigit() and all(number.fullmatch(fields[i]) for i in (4, 5))


def _month_of(path: Path) -> str:
    """The month a MyCall file is of, from its name (``MyCall_Data_April_2018.csv``): ``2018-04``."""
    words = re.split(r"[_\W]+", path.stem.lower())
    month = next((_MONTHS.index(w) + 1 for w in words if w in _MONTHS), None)
    year = next((w for w in words if re.fullmatch(r"20\d\d", w)), None)
    if month is None or year is None:
        raise FileError(
            f"{path.name}: MyCall rows carry no date; name the file like MyCall_Data_April_2018.csv",
            field="accepted_at",
        )
    return f"{year}-{month:02d}"
