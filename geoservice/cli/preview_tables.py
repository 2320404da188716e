"""What ``import --dry-run`` shows people: counts, the mapping, ten rows as they would be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from geoservice.cli import common

if TYPE_CHECKING:
    from geoservice.intake import Preview

_REJECTS = 20
_WIDEST = 40
# Told on every row and the same on all of them.
_DULL = frozenset({"complaint_id", "source", "time_step", "crs", "class_source", "import_id", "position_source"})


def print_preview(preview: Preview) -> None:
    """The preview of one file as tables."""
    family = f", {preview.family}" if preview.family else ""
    common.out.print(
        f"[bold]{escape(preview.file)}[/] → {preview.table} ({preview.format}, {preview.encoding}{family})",
        highlight=False,
    )
    taken = "unknown" if preview.taken is None else f"{preview.taken:,}"
    counts = f"read {preview.read:,} · would be taken {taken} · rejected {preview.rejected:,}"
    common.out.print(f"{counts} · repeated {preview.duplicates:,} · {preview.seconds:.1f} s", highlight=False)
    common.out.print(_mapping(preview))
    if preview.typed:
        common.out.print(_rows(preview))
    if len(preview.rejects):
        common.out.print(_rejects(preview))
    for note in preview.notes:
        common.out.print(f"  note: {note}", highlight=False, markup=False)
    common.out.print("Nothing was stored.")


def _mapping(preview: Preview) -> Table:
    table = Table("heading", "column", "first value", title="Mapping")
    values = preview.rows.head(1).to_numpy().ravel().tolist()
    first = dict(zip(map(str, preview.rows.columns), values, strict=False))
    for heading, column in preview.mapping.items():
        table.add_row(escape(heading), column, _cell(first.get(column, "")))
    for column, value in preview.constants.items():
        table.add_row("(all rows)", column, _cell(value))
    for heading in preview.ignored:
        table.add_row(escape(heading), "[dim]left out[/]", "")
    return table


def _rows(preview: Preview) -> Table:
    """One line a column and one column a row: complaints have more fields than a screen is wide."""
    names = dict.fromkeys(name for row in preview.typed for name in row if name not in _DULL)
    table = Table("column", *(f"row {i}" for i in range(1, len(preview.typed) + 1)), title="As they would be stored")
    for name in names:
        table.add_row(name, *(_cell(row.get(name, "")) for row in preview.typed))
    return table


def _rejects(preview: Preview) -> Table:
    more = f", the first {_REJECTS}" if len(preview.rejects) > _REJECTS else ""
    table = Table("line", "field", "code", "value", "reason", title=f"Rejected{more}")
    for row in preview.rejects.head(_REJECTS).fillna("").to_dict("records"):
        table.add_row(*(_cell(row[name]) for name in ("line", "field", "code", "value")), escape(str(row["reason"])))
    return table


def _cell(value: object) -> str:
    text = str(value)
    return escape(text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…")
