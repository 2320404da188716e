"""JSON lines and GeoJSON, parsed with ``json`` only: no driver that could open another file.

Numbers stay the text they were written as, so that ``NaN`` or ``1e999`` is refused by the column
that receives it and a long identifier keeps all its digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from geoservice.errors import FileError
from geoservice.intake.readers import limits
from geoservice.intake.readers.block import Block
from geoservice.intake.readers.encoding import Encoding, find_encoding, text_blocks
from geoservice.parsing.rejects import reject_rows

_RECORDS_PER_BLOCK = 10_000
# What stands before the text of a list of scalars and of anything deeper; no text of a file can begin so.
LIST, NESTED = "\x1d", "\x1e"
Record = dict[str, str]


class _BadRecordError(Exception):
    """One record cannot be taken; (code, reason)."""


@dataclass(frozen=True)
class JsonLines:
    """One JSON object a line."""

    path: Path
    text: Encoding

    kind: ClassVar[str] = "jsonl"
    serials: ClassVar[str | None] = None

    @property
    def encoding(self) -> str:
        return self.text.name

    def headings(self) -> tuple[str, ...]:
        """Keys of the first thousand records, in order of appearance."""
        names: dict[str, None] = {}
        for _, (_, line) in zip(range(1000), self._lines(), strict=False):
            try:
                names.update(dict.fromkeys(record_of(line)))
            except _BadRecordError:
                continue
        if not names:
            raise FileError(f"{self.path.name}: no JSON object on the first lines; one object a line is expected")
        return tuple(names)

    def blocks(self) -> Iterator[Block]:
        batch: list[tuple[int, bytes]] = []
        for row in self._lines():
            batch.append(row)
            if len(batch) >= _RECORDS_PER_BLOCK:
                yield _block(batch)
                batch = []
        yield _block(batch)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        rest, line = b"", 0
        for block in text_blocks(self.path, self.text):
            *whole, rest = (rest + block).split(b"\n")
            for text in whole:
                line += 1
                if text.strip():
                    yield line, text
        if rest.strip():
            yield line + 1, rest


def open_json_lines(path: Path, encoding: str | None = None) -> JsonLines:
    """A file with one JSON object a line."""
    return JsonLines(path, find_encoding(path, encoding))


def _block(batch: list[tuple[int, bytes]]) -> Block:
    records: list[Record] = []
    lines: list[int] = []
    refused: dict[tuple[str, str], list[int]] = {}
    for line, text in batch:
        try:
            records.append(record_of(text))
            lines.append(line)
        except _BadRecordError as error:
            refused.setdefault((error.args[0], error.args[1]), []).append(line)
    return records_block(records, lines, refused, len(batch))


def records_block(
    records: list[Record], lines: list[int], refused: dict[tuple[str, str], list[int]], read: int
) -> Block:
    """Records as a block; keys a record does not have are empty."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {f"{i}\x1f{n}": pd.Series([r.get(n, "") for r in records], dtype="str") for i, n in enumerate(names)}
    parts = [reject_rows(np.array(at, np.int64), "", code, reason) for (code, reason), at in refused.items()]
    rejects = pd.concat(parts, ignore_index=True) if parts else reject_rows(np.empty(0, np.int64), "", "", "")
    return Block(pd.DataFrame(columns, index=range(len(records))), np.array(lines, np.int64), rejects, read)


def record_of(text: bytes) -> Record:
    """One JSON object as flat text fields."""
    found = load_json(text)
    if not isinstance(found, dict):
        raise _BadRecordError("not-an-object", "the line is not a JSON object")
    return flat(found)


def flat(found: dict[str, Any]) -> Record:
    """An object's members as text; lists and objects are marked, for the column decides whether it takes them."""
    return {str(name): _as_text(value) for name, value in found.items()}


def load_json(text: bytes) -> Any:
    """Parse JSON with numbers kept as text; depth bounded, repeated keys and half characters refused."""
    if _depth(text) > limits.MAX_JSON_DEPTH:
        raise _BadRecordError("too-deep", f"nested deeper than {limits.MAX_JSON_DEPTH}")
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise _BadRecordError("not-json", "not valid JSON") from error


def _depth(text: bytes) -> int:
    """Upper bound of the nesting depth (brackets inside strings count too)."""
    body = np.frombuffer(text, np.uint8)
    steps = ((body == 0x5B) | (body == 0x7B)).astype(np.int32) - ((body == 0x5D) | (body == 0x7D))
    return int(np.cumsum(steps).max(initial=0))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _BadRecordError("repeated-key", "a key stands twice in one object")
    return found


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _whole_characters(_marked(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _whole_characters(text.lstrip(LIST + NESTED))


def _marked(value: list[Any] | dict[str, Any]) -> str:
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return LIST + "|".join(_as_text(item) for item in value)
    return NESTED + json.dumps(value, ensure_ascii=False)


def _whole_characters(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _BadRecordError("surrogate", "the record holds half a character (lone surrogate)") from error
    if "\0" in text:
        raise _BadRecordError("nul", "the record holds a NUL character; remove it")
    return text
