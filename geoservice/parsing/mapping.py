"""The mapping file: a small TOML that says what a heading means where no alias does.

[columns]                       # heading in the file = our column
"投诉时间2" = "accepted_at"
"备用列" = ""                    # leave this column out
[constants]                     # our column = value for every row
crs = "GCJ02"
[formats]                       # time column = how it is written
accepted_at = "%d/%m/%Y %H:%M"
[values.class]                  # our column: value in the file = our value
"弱覆盖类" = "WEAK_SIGNAL"
[file]
delimiter = ";"                 # also: encoding, sheet, header_line, source
row_identity = "content"        # rows have no ticket number: equal rows are one row
[coordinates]
swapped = "correct"             # or "reject" (default), "keep"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice.errors import ConfigError
from geoservice.parsing.text import lookup_key, map_distinct

_SECTIONS = {"columns", "constants", "formats", "values", "file", "coordinates"}
_FILE_KEYS = {"delimiter", "encoding", "sheet", "header_line", "source", "row_identity"}
_SWAPPED = ("reject", "correct", "keep")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A parsed mapping file; empty when there is none."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    file: Mapping[str, Any] = field(default_factory=dict)
    swapped: str = "reject"

    @property
    def content_identity(self) -> bool:
        """Whether equal rows are one row, for want of a ticket number."""
        return self.file.get("row_identity") == "content"


def load_mapping(path: Path | None) -> ColumnMapping:
    """Read a mapping file.

    Raises
    ------
    ConfigError
        The file cannot be read, or has a section or key that means nothing.
    """
    if path is None:
        return ColumnMapping()
    try:
        raw = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error})", field="mapping") from error
    return _checked(path, raw)


def replace_values(frame: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """The frame with the mapping's value lists and constants applied."""
    frame = frame.assign(**{name: str(value) for name, value in mapping.constants.items()})
    for name, words in mapping.values.items():
        if name in frame:
            frame[name] = map_distinct(frame[name], _replacer(words)).astype("str")
    return frame


def _replacer(words: Mapping[str, str]) -> Callable[[str], str]:
    table = {lookup_key(old): new for old, new in words.items()}
    return lambda text: table.get(lookup_key(text), text)


def _checked(path: Path, raw: dict[str, Any]) -> ColumnMapping:
    for section, keys in (("", _SECTIONS), ("file", _FILE_KEYS), ("coordinates", {"swapped"})):
        given = raw if not section else raw.get(section, {})
        unknown = set(given) - keys if isinstance(given, dict) else {section}
        if unknown:
            where = f"[{section}]" if section else "the file"
            raise ConfigError(
                f"{path}: {where} knows {', '.join(sorted(keys))}; not {', '.join(sorted(unknown))}", field="mapping"
            )
    swapped = raw.get("coordinates", {}).get("swapped", "reject")
    if swapped not in _SWAPPED:
        raise ConfigError(f"{path}: coordinates.swapped is one of {', '.join(_SWAPPED)}", field="mapping")
    texts = {name: _texts(path, name, raw.get(name, {})) for name in ("columns", "constants", "formats")}
    values = {name: _texts(path, f"values.{name}", words) for name, words in raw.get("values", {}).items()}
    return ColumnMapping(**texts, values=values, file=raw.get("file", {}), swapped=swapped)


def _texts(path: Path, section: str, raw: Any) -> dict[str, str]:
    if not isinstance(raw, dict) or any(isinstance(value, dict | list) for value in raw.values()):
        raise ConfigError(f'{path}: [{section}] holds lines of the form "name" = "text"', field="mapping")
    return {str(name): str(value) for name, value in raw.items()}
