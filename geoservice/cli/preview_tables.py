"""What ``import --dry-run`` shows people: counts, the mapping, ten rows as they would be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    common.say(f" → {preview.table} ({preview.format}, {preview.encoding}{family})", head=preview.file)
    taken = "unknown" if preview.taken is None else f"{preview.taken:,}"
    counts = f"read {preview.read:,} · would be taken {taken} · rejected {preview.rejected:,}"
    common.say(f"{counts} · repeated {preview.duplicates:,} · {preview.seconds:.1f} s")
    common.out.print(_mapping(preview))
    if preview.typed:
        common.out.print(_rows(preview))
    if len(preview.rejects):
        common.out.print(_rejects(preview))
    for note in preview.notes:
        common.say(f"  note: {note}")
    common.say("Nothing was stored.")


def _mapping(preview: Preview) -> Table:
    values = preview.rows.head(1).to_numpy().ravel().tolist()
    first = dict(zip(map(str, preview.rows.columns), values, strict=False))
    rows = [
        *((heading, column, _cell(first.get(column, ""))) for heading, column in preview.mapping.items()),
        *(("(all rows)", column, _cell(value)) for column, value in preview.constants.items()),
        *((heading, "(left out)", "") for heading in preview.ignored),
    ]
    return common.table(("heading", "column", "first value"), rows, title="Mapping")


def _rows(preview: Preview) -> Table:
    """One line a column and one column a row: complaints have more fields than a screen is wide."""
    names = dict.fromkeys(name for row in preview.typed for name in row if name not in _DULL)
    headings = ("column", *(f"row {i}" for i in range(1, len(preview.typed) + 1)))
    rows = ((name, *(_cell(row.get(name, "")) for row in preview.typed)) for name in names)
    return common.table(headings, rows, title="As they would be stored")


def _rejects(preview: Preview) -> Table:
    more = f", the first {_REJECTS}" if len(preview.rejects) > _REJECTS else ""
    shown = preview.rejects.head(_REJECTS).fillna("").to_dict("records")
    rows = ((*(_cell(row[name]) for name in ("line", "field", "code", "value")), row["reason"]) for row in shown)
    return common.table(("line", "field", "code", "value", "reason"), rows, title=f"Rejected{more}")


def _cell(value: object) -> str:
    text = str(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
