"""A page for a what-if: maps before and after, customers by level, the changes, and every hex that changes class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.export.charts import level_chart, level_colour
from geoservice.export.drawing import change_map, level_legend
from geoservice.export.files import checked_path, written_aside
from geoservice.export.page import facts, page, paragraph, section, table
from geoservice.export.titles import Language, title
from geoservice.export.words import moved, quantity
from geoservice.records import CellChange

_WORDS = {
    "zh": {
        "what_if": "方案仿真", "map": "覆盖变化", "before": "调整前", "after": "调整后（预测）", "changes": "方案内容",
        "levels": "受影响用户的电平分布", "hexes": "电平等级变化的六边形", "north": "北",
        "customers_gained": "改善用户", "customers_lost": "受损用户", "customers_newly_overlapped": "其中新增重叠",
        "customers_net": "净受益用户", "off": "关闭", "all": "共 {all} 个六边形受影响，{shown} 个等级变化",
        "legend": "彩色：覆盖电平；红点：新建或调整的小区；灰点：现有站点",
    },
    "en": {
        "what_if": "What-if", "map": "Coverage", "before": "Before", "after": "After (predicted)",
        "changes": "What was tried", "levels": "Level of the customers it touches",
        "hexes": "Hexes that change class", "north": "N", "customers_gained": "Customers better off",
        "customers_lost": "Customers worse off", "customers_newly_overlapped": "of them newly overlapped",
        "customers_net": "Customers better off, net", "off": "switched off",
        "all": "{all} hexes touched, {shown} change class",
        "legend": "Colour: level; red dots: cells that are new or changed; grey dots: sites",
    },
}  # fmt: skip
_COUNTS = ("customers_gained", "customers_lost", "customers_newly_overlapped", "customers_net")
_COLUMNS = ("hex", "customers", "rsrp_before_dbm", "rsrp_after_dbm", "best_before", "best_after")
_MOST_ROWS = 400


def write_what_if(
    frame: pd.DataFrame, counts: Mapping[str, Any], changes: Sequence[CellChange], cells: pd.DataFrame,
    path: Path | str, language: Language = "en",
) -> Path:  # fmt: skip
    """Write the page of a what-if; it loads nothing and runs nothing.

    Parameters
    ----------
    frame : table WHAT_IF.
    counts : ``customers_gained``, ``customers_lost``, ``customers_newly_overlapped``, ``customers_net``.
    changes : what was tried; cells : table CELLS, for the sites on the map.
    """
    target, words = checked_path(Path(path)), _WORDS[language]
    touched = _places(changes, cells)
    legend = level_legend() + paragraph(words["legend"], note=True)
    changed = frame[_changed_class(frame)]
    body = [
        f"<h1>{escape(words['what_if'])}</h1>",
        facts((words[name], quantity(counts.get(name), "", language)) for name in _COUNTS),
        section(words["changes"], table([words["changes"]], ([_said(c, words, language)] for c in changes))),
        section(words["map"], f'<div class="two">{"".join(_maps(frame, touched, cells, words))}</div>{legend}'),
        section(words["levels"], level_chart(frame, words["before"], words["after"]) if len(frame) else ""),
        section(words["hexes"], paragraph(words["all"].format(all=len(frame), shown=len(changed)))
                + _hex_table(changed, language)),
    ]  # fmt: skip
    with written_aside(target) as aside:
        aside.write_text(page(words["what_if"], "".join(body), language), encoding="utf-8", errors="replace")
    return target


def _maps(frame: pd.DataFrame, touched: pd.DataFrame, cells: pd.DataFrame, words: Mapping[str, str]) -> list[str]:
    if frame.empty:
        return []
    return [
        f"<div><h3>{escape(words[when])}</h3>"
        + change_map(frame["hex"], frame[f"rsrp_{when}_dbm"], touched, cells, words["north"])
        + "</div>"
        for when in ("before", "after")
    ]


def _places(changes: Sequence[CellChange], cells: pd.DataFrame) -> pd.DataFrame:
    """Where the changed and new cells stand."""
    names = [c.cgi for c in changes if c.cell is None]
    known = cells[cells["cgi"].isin(names)][["lat", "lon"]]
    fresh = pd.DataFrame([{"lat": c.cell["lat"], "lon": c.cell["lon"]} for c in changes if c.cell is not None],
                         columns=["lat", "lon"])  # fmt: skip
    found = pd.concat([known.astype(float), fresh.astype(float)], ignore_index=True)
    return found.drop_duplicates(ignore_index=True)


def _said(change: CellChange, words: Mapping[str, str], language: Language) -> str:
    if change.cell is not None:
        where = f"{float(str(change.cell['lat'])):.5f}, {float(str(change.cell['lon'])):.5f}"
        return moved({"cgi": change.cgi, "field": "new", "to": where}, language)
    if change.field == "status":
        return f"{change.cgi} {words['off'] if change.value == 'off' else change.value}"
    return moved({"cgi": change.cgi, "field": change.field, "from": None, "to": change.value}, language)


def _changed_class(frame: pd.DataFrame) -> np.ndarray:
    colours = [frame[f"rsrp_{when}_dbm"].astype(float).map(level_colour) for when in ("before", "after")]
    return np.asarray(colours[0].to_numpy() != colours[1].to_numpy())


def _hex_table(frame: pd.DataFrame, language: Language) -> str:
    rows = frame.sort_values("customers", ascending=False).head(_MOST_ROWS)
    texts = grid.hex_to_text(rows["hex"].to_numpy(np.int64)) if len(rows) else []
    cells = ([text, *(_cell(row[name]) for name in _COLUMNS[1:])]
             for text, (_, row) in zip(texts, rows.iterrows(), strict=True))  # fmt: skip
    return table([title("what_if", name, language) for name in _COLUMNS], cells)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or pd.isna(value) else f"{float(value):,.0f}"
