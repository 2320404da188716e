"""XLSX workbooks: formatted, header frozen, no formulas, no links; site requests get an evidence sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice.export.clean import is_text
from geoservice.export.evidence import EVIDENCE_COLUMNS, EVIDENCE_OF, evidence_rows
from geoservice.export.formats import rounded, shape_of
from geoservice.export.report import Altered
from geoservice.export.titles import Language, table_name, title
from geoservice.export.values import is_hex_column, json_frame
from geoservice.export.words import told

# Limits of Excel ("Excel specifications and limits").
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_SHEET_NAME = 31
_CUT = "…"
# What a spreadsheet does not show: geometry, what-if input, and the sentences of the other language.
_ALWAYS_HIDDEN = {"outline", "new_cells"}
_ON_EVIDENCE_SHEET = {"evidence", "contradictions", "missing", "trend", "hexes"}
_UNSHOWN: dict[str, set[str]] = {
    "zh": {*_ALWAYS_HIDDEN, "sentence_en", "cause_en", "action_en"},
    "en": {*_ALWAYS_HIDDEN, "sentence_zh", "cause_zh", "action_zh"},
}
_FORMATS = {
    "header": {
        "bold": True,
        "bg_color": "#1F4E78",
        "font_color": "#FFFFFF",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "time": {"num_format": "yyyy-mm-dd hh:mm", "valign": "top"},
    "wrap": {"text_wrap": True, "valign": "top"},
}


def write_xlsx(
    frame: pd.DataFrame, path: Path, layer: str, language: Language, max_rows: int = MAX_ROWS
) -> list[Altered]:
    """One sheet a table (more when the rows do not fit); for site requests a summary and an evidence sheet.

    Returns what had to be altered: cut texts, sheets split, names changed.
    """
    import xlsxwriter

    table = table_name(frame)
    altered: list[Altered] = []
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "constant_memory": True,
    }
    hidden = _UNSHOWN[language] | (_ON_EVIDENCE_SHEET if table == "hotspots" else set())
    shown = frame[[c for c in frame.columns if str(c) not in hidden]]
    names = list(map(str, shown.columns))
    with xlsxwriter.Workbook(path, options) as book:
        writer = _Sheets(book, altered, max_rows)
        headings = [title(table, name, language) for name in names]
        sheet = sheet_name(title("sheet", "summary", language) if table == "site_requests" else layer, altered)
        formats = [shape_of(table, name).excel for name in names]
        writer.write(sheet, headings, formats, names, [_cells(shown[name], table, language) for name in names])
        if table in EVIDENCE_OF:
            titles = [title("sheet", column, language) for column in EVIDENCE_COLUMNS]
            rows = list(evidence_rows(frame, table, language))
            columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in titles]
            evidence = sheet_name(title("sheet", "evidence", language), altered)
            writer.write(evidence, titles, ["General"] * len(titles), titles, columns)
    return altered


def sheet_name(text: str, altered: list[Altered]) -> str:
    """A name Excel accepts: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "-", text).strip("'").strip()[:MAX_SHEET_NAME].rstrip("'") or "Sheet"
    if name.lower() == "history":
        name = name + "-1"
    if name != text:
        altered.append(Altered(None, "", f"sheet renamed to {name!r}: Excel does not allow the name asked for"))
    return name


class _Sheets:
    """Writes columns to as many sheets as they need."""

    def __init__(self, book: Any, altered: list[Altered], max_rows: int) -> None:
        self._book, self._altered, self._max_rows = book, altered, max_rows
        self._styles = {name: book.add_format(style) for name, style in _FORMATS.items()}
        self._numbers: dict[str, Any] = {}

    def write(
        self, name: str, headings: list[str], formats: list[str], columns: list[str], values: list[list[Any]]
    ) -> None:
        numbers = [self._number(text) for text in formats]
        rows, room = len(values[0]) if values else 0, self._max_rows - 1
        for number, start in enumerate(range(0, max(rows, 1), room), start=1):
            self._sheet(
                self._part_name(name, number),
                headings,
                numbers,
                columns,
                [v[start : start + room] for v in values],
                start,
            )

    def _number(self, text: str) -> Any:
        if text not in self._numbers:
            self._numbers[text] = self._book.add_format({"num_format": text, "valign": "top"})
        return self._numbers[text]

    def _part_name(self, name: str, number: int) -> str:
        if number == 1:
            return name
        part = f"{name[: MAX_SHEET_NAME - 8]} ({number})"
        self._altered.append(Altered(None, "", f"rows beyond Excel's limit continue on sheet {part!r}"))
        return part

    def _sheet(
        self, name: str, headings: list[str], numbers: list[Any], columns: list[str], values: list[list[Any]],
        start: int,
    ) -> None:  # fmt: skip
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for column, (heading, cells) in enumerate(zip(headings, values, strict=True)):
            sheet.set_column(column, column, _width(heading, cells))
        rows = len(values[0]) if values else 0
        sheet.autofilter(0, 0, max(rows, 1), max(len(headings) - 1, 0))
        sheet.set_row(0, 32)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, self._fit(heading, None, heading), self._styles["header"])
        for row in range(rows):
            for column, cells in enumerate(values):
                self._cell(sheet, (row, column), cells[row], columns[column], start, numbers[column])

    def _cell(self, sheet: Any, at: tuple[int, int], value: Any, name: str, start: int, number: Any) -> None:
        row, column = at
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row + 1, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(row + 1, column, value, number)
        elif isinstance(value, str):
            sheet.write_string(row + 1, column, self._fit(value, row + start, name), self._styles["wrap"])
        else:
            sheet.write_datetime(row + 1, column, value, self._styles["time"])

    def _fit(self, text: str, row: int | None, column: str) -> str:
        # Excel counts UTF-16 units: an emoji is two.
        if len(text) <= MAX_TEXT // 2 or len(text.encode("utf-16-le")) // 2 <= MAX_TEXT:
            return text
        self._altered.append(Altered(row, column, f"text cut to Excel's {MAX_TEXT:,} characters"))
        return text.encode("utf-16-le")[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + _CUT


def _cells(series: pd.Series, table: str, language: Language) -> list[Any]:
    """Cells of a column as people read them: words for codes, rounded numbers, times as times."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(series.dtype):
        return [None if pd.isna(t) else t.to_pydatetime() for t in series]
    values = json_frame(series.to_frame()).iloc[:, 0].tolist()
    if is_hex_column(series):
        return values
    name = str(series.name)
    if is_text(series) or pd.api.types.is_bool_dtype(series.dtype):
        return [told(name, v, language) for v in values]
    shape = shape_of(table, name)
    return [rounded(v, shape) for v in values]


def _width(heading: str, cells: Iterable[Any]) -> float:
    longest = max((_display_width(str(v)) for v in _first(cells, 50) if v is not None), default=0)
    return float(min(max(_display_width(heading) / 1.5, longest, 8) + 2, 48))


def _display_width(text: str) -> int:
    head = text[:60]
    return len(head) + sum(ord(c) > 0x2E7F for c in head)


def _first(cells: Iterable[Any], count: int) -> Iterator[Any]:
    return (cell for cell, _ in zip(cells, range(count), strict=False))
