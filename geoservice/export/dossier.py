"""A printable page a site request: maps before and after, charts and evidence in one file that loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice.export.charts import bar_chart, curve_chart, level_chart, number, trend_chart
from geoservice.export.clean import clean_columns
from geoservice.export.drawing import level_legend, request_map
from geoservice.export.evidence import topic_items
from geoservice.export.files import written_aside
from geoservice.export.formats import rounded, shape_of
from geoservice.export.page import facts, form, page, paragraph, section, table
from geoservice.export.titles import Language, table_name, title
from geoservice.export.values import parse_json, prose, records, to_json
from geoservice.export.words import told

Row = Mapping[str, Any]
_WORDS = {
    "zh": {
        "dossier": "建站需求单", "map": "位置图", "before": "建设前", "after": "建设后（预测）", "form": "需求信息",
        "priority": "优先级构成", "classes": "投诉类别", "trend": "投诉趋势（柱：投诉用户，线：期望）",
        "levels": "受影响用户的电平分布", "causes": "原因诊断", "actions": "措施", "evidence": "证据",
        "alternatives": "已评估的替代方案", "curve": "电平与投诉的关系（本网数据拟合）",
        "axis": "每千用户每月投诉（件）— RSRP (dBm)；橙线：此处", "sign": "审批", "north": "北",
        "legend": "彩色：覆盖电平；红框：未覆盖六边形；红点：建议站址；虚线：搜索圈；灰点：现有站点",
        "roles": "申请人|网优审核|规划建设审批|日期",
    },
    "en": {
        "dossier": "Site-build request", "map": "Map", "before": "Before", "after": "After (predicted)",
        "form": "Request", "priority": "Priority terms", "classes": "Complaint classes",
        "trend": "Complaints over time (bars: customers, line: expected)",
        "levels": "Level of the customers it touches", "causes": "Causes", "actions": "Actions",
        "evidence": "Evidence", "alternatives": "Alternatives examined",
        "curve": "Complaints against level (fitted on this network)",
        "axis": "complaints per 1,000 customers a month — RSRP (dBm); orange: this place",
        "sign": "Approval", "north": "N",
        "legend": "Colour: level; red outline: uncovered hexes; red dot: candidate; dashed: search ring; "
        "grey dots: existing sites",
        "roles": "Applicant|Reviewed by optimisation|Approved by planning|Date",
    },
}  # fmt: skip
_NESTED = ("classes", "priority_terms", "hexes", "actions_tried", "nearest_sites", "alternatives", "new_cells")
_FACTS = ("customers", "predicted_net_customers", "complaints_avoided", "lifted_share", "priority", "cost", "state")
_CAUSE_COLUMNS = ("rank", "cause", "confidence", "evidence", "contradictions", "missing")
_ACTION_COLUMNS = ("rank", "action", "department", "due", "gain_customers", "harm_customers", "net_customers")


@dataclass(frozen=True)
class Context:
    """What stands behind a request; anything may be missing.

    ``hotspot`` a row of HOTSPOTS; ``diagnoses`` and ``actions`` rows of those tables (others are left
    out); ``coverage`` rows of COVERAGE around the candidate; ``what_if`` the table WHAT_IF of the
    proposed site; ``curve`` columns ``rsrp_dbm``, ``rate``, ``low``, ``high``.
    """

    hotspot: Row | None = None
    diagnoses: pd.DataFrame | None = None
    actions: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    what_if: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None


ContextOf = Callable[[Row], Context]


def write_dossier(
    request: Row,
    hotspot: Row | None,
    diagnoses: pd.DataFrame | None,
    actions: pd.DataFrame | None,
    coverage: pd.DataFrame | None,
    path: Path | str,
    language: Language = "zh",
    *,
    what_if: pd.DataFrame | None = None,
    curve: pd.DataFrame | None = None,
) -> Path:
    """The dossier of one site request as a self-contained HTML page (parameters as in :class:`Context`)."""
    target = Path(path)
    body = dossier(request, Context(hotspot, diagnoses, actions, coverage, what_if, curve), language)
    with written_aside(target) as aside:
        aside.write_text(page(_WORDS[language]["dossier"], body, language), encoding="utf-8", errors="replace")
    return target


def write_html(
    frame: pd.DataFrame, path: Path, layer: str, language: Language, context_of: ContextOf | None = None
) -> None:
    """A printable page: dossiers for site requests, a table for anything else."""
    name = table_name(frame)
    if name == "site_requests":
        rows = records(frame)
        parts = [dossier(row, context_of(row) if context_of else Context(), language) for row in rows]
        path.write_text(page(layer, "".join(parts), language), encoding="utf-8", errors="replace")
        return
    headings = [title(name, str(column), language) for column in frame.columns]
    cells = ([_said(name, str(c), v, language) for c, v in row.items()] for row in records(frame))
    path.write_text(page(layer, section(layer, table(headings, cells)), language), encoding="utf-8")


def dossier(request: Row, context: Context, language: Language) -> str:
    """The article of one request; every text escaped."""
    words = _WORDS[language]
    subject = request.get("hotspot_id")
    parts = [
        f"<h1>{escape(words['dossier'])} {escape(prose(request.get('request_no')))}</h1>",
        paragraph(prose(request.get(f"sentence_{language}"))),
        facts(_facts(request, language)),
        _maps(request, context, words),
        '<div class="two">',
        section(words["levels"], _levels(context, words)),
        section(words["priority"], bar_chart(_bars(request, "priority_terms", language))),
        section(words["classes"], bar_chart(_bars(request, "classes", language))),
        "</div>",
        _trend(context.hotspot, words["trend"]),
        section(words["curve"], _curve(request, context, words)),
        section(words["causes"], _records(context.diagnoses, subject, "diagnoses", _CAUSE_COLUMNS, language)),
        section(words["alternatives"], _alternatives(request, language)),
        section(
            words["actions"],
            _records(context.actions, subject, "actions", (*_ACTION_COLUMNS, f"sentence_{language}"), language),
        ),
        section(words["form"], _form(request, language)),
        section(words["evidence"], _topics(request, ("nearest_sites", "priority_terms", "classes", "hexes"), language)),
        section(words["sign"], form((role, "\u00a0") for role in words["roles"].split("|"))),
    ]
    return f"<article>{''.join(parts)}</article>"


def _maps(request: Row, context: Context, words: Mapping[str, str]) -> str:
    """Before and after side by side where the what-if is there, else the one map of today."""
    legend = level_legend() + paragraph(words["legend"], note=True)
    if context.what_if is None or context.what_if.empty:
        return section(words["map"], request_map(request, context.coverage, words["north"]) + legend)
    both = (("before", False), ("after", True))
    drawn = [
        f"<div><h3>{words[moment]}</h3>"
        + request_map(request, _levels_at(context, moment), words["north"], built=built)
        + "</div>"
        for moment, built in both
    ]
    return section(words["map"], f'<div class="two">{"".join(drawn)}</div>{legend}')


def _levels_at(context: Context, moment: str) -> pd.DataFrame | None:
    """Level per hex before or after: the what-if where it reaches, today's coverage elsewhere."""
    if context.what_if is None:
        return context.coverage
    touched = context.what_if[["hex", f"rsrp_{moment}_dbm"]].set_axis(["hex", "rsrp_dbm"], axis=1)
    if context.coverage is None or context.coverage.empty:
        return touched
    rest = context.coverage[~context.coverage["hex"].isin(touched["hex"])][["hex", "rsrp_dbm"]]
    near = touched[touched["hex"].isin(context.coverage["hex"])]
    return pd.concat([rest, near], ignore_index=True)


def _levels(context: Context, words: Mapping[str, str]) -> str:
    if context.what_if is None or context.what_if.empty:
        return ""
    return level_chart(context.what_if, words["before"], words["after"])


def _curve(request: Row, context: Context, words: Mapping[str, str]) -> str:
    if context.curve is None or context.curve.empty:
        return ""
    return curve_chart(context.curve, number(request.get("rsrp_p50_dbm")), words["axis"])


def _facts(request: Row, language: Language) -> list[tuple[str, str]]:
    known = [name for name in _FACTS if to_json(request.get(name)) is not None]
    return [(title("site_requests", n, language), _said("site_requests", n, request[n], language)) for n in known]


def _trend(hotspot: Row | None, heading: str) -> str:
    steps = parse_json(hotspot.get("trend")) if hotspot is not None else None
    return section(heading, trend_chart(steps)) if isinstance(steps, list) and steps else ""


def _form(request: Row, language: Language) -> str:
    shown = [n for n in map(str, request.keys()) if n not in _NESTED and not n.startswith("sentence_")]
    return form((title("site_requests", n, language), _said("site_requests", n, request[n], language)) for n in shown)


def _records(
    frame: pd.DataFrame | None, subject: object, name: str, columns: tuple[str, ...], language: Language
) -> str:
    if frame is None:
        return ""
    mine = clean_columns(frame[frame["subject_id"] == subject].sort_values("rank"))[0]
    shown = [column for column in columns if column in mine.columns]
    rows = ([_said(name, column, row[column], language) for column in shown] for row in records(mine[shown]))
    return table([title(name, column, language) for column in shown], rows)


def _alternatives(request: Row, language: Language) -> str:
    """What else was examined, what it would bring, and why it is not enough."""
    items = list(topic_items("alternatives", parse_json(request.get("alternatives")), language))
    net = title("site_requests", "predicted_net_customers", language)
    headings = [title("sheet", "item", language), net, title("sheet", "detail", language)]
    return table(headings, ([item, _number(value), detail] for item, value, detail in items)) if items else ""


def _topics(request: Row, topics: tuple[str, ...], language: Language) -> str:
    rows = (
        [title("site_requests", topic, language), item, _number(value), detail]
        for topic in topics
        for item, value, detail in topic_items(topic, parse_json(request.get(topic)), language)
    )
    return table([title("sheet", name, language) for name in ("topic", "item", "value", "detail")], rows)


def _number(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, float) and abs(value) >= 100 else prose(value)


def _said(name: str, column: str, value: object, language: Language) -> str:
    """A cell as people read it: words for codes, rounded numbers, shares in per cent."""
    shape = shape_of(name, column)
    plain = told(column, parse_json(value), language)
    if isinstance(plain, float):
        return f"{plain:.0%}" if shape.excel.endswith("%") else _decimal(plain, shape.digits)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    short = rounded(plain, shape)
    return f"{short:,}" if isinstance(short, int) and not isinstance(short, bool) else prose(short)


def _decimal(value: float, digits: int) -> str:
    """Rounded with its digits; numbers of unknown precision as short as they are."""
    return f"{value:,.{digits}f}" if digits <= 5 else f"{value:g}"


def _bars(request: Row, topic: str, language: Language) -> dict[str, float]:
    items = topic_items(topic, parse_json(request.get(topic)), language)
    return {item: float(v) for item, v, _ in items if isinstance(v, int | float)}
