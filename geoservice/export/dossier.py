"""A printable page a site request: map, charts and evidence in one file without any external resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice.export.clean import clean_columns
from geoservice.export.drawing import bar_chart, request_map, trend_chart
from geoservice.export.evidence import topic_items
from geoservice.export.files import written_aside
from geoservice.export.titles import Language, table_name, title
from geoservice.export.values import parse_json, prose, records

Row = Mapping[str, Any]
_WORDS = {
    "zh": {
        "dossier": "建站需求单",
        "map": "位置图",
        "form": "需求信息",
        "priority": "优先级构成",
        "classes": "投诉类别",
        "trend": "投诉趋势",
        "causes": "原因诊断",
        "actions": "措施",
        "evidence": "证据",
        "legend": "彩色：覆盖电平；红点：建议站址；虚线：搜索圈；灰点：现有站点",
        "sign": "审批",
        "north": "北",
    },
    "en": {
        "dossier": "Site-build request",
        "map": "Map",
        "form": "Request",
        "priority": "Priority terms",
        "classes": "Complaint classes",
        "trend": "Complaints over time",
        "causes": "Causes",
        "actions": "Actions",
        "evidence": "Evidence",
        "legend": "Colour: level; red dot: candidate; dashed: search ring; grey dots: existing sites",
        "sign": "Approval",
        "north": "N",
    },
}
_STYLE = """
body{font:14px/1.5 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1b1b1b;max-width:62rem;margin:1rem auto}
h1{font-size:1.5rem;border-bottom:3px solid #1f4e78}h2{font-size:1.1rem;color:#1f4e78;margin-top:1.4rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;
vertical-align:top;overflow-wrap:anywhere}th{background:#eef3f8;width:16rem}thead th{width:auto}
svg{max-width:100%;height:auto;border:1px solid #ddd}.two{display:flex;gap:1rem;flex-wrap:wrap}
section{break-inside:avoid}article{break-after:page}@media print{body{margin:0}}
"""
_NESTED = ("classes", "priority_terms", "hexes", "actions_tried", "nearest_sites", "alternatives")


def write_dossier(
    request: Row,
    hotspot: Row | None,
    diagnoses: pd.DataFrame | None,
    actions: pd.DataFrame | None,
    coverage: pd.DataFrame | None,
    path: Path | str,
    language: Language = "zh",
) -> Path:
    """The dossier of one site request as a self-contained HTML page.

    Parameters
    ----------
    request, hotspot : rows of SITE_REQUESTS and HOTSPOTS (or None).
    diagnoses, actions : rows of DIAGNOSES and ACTIONS of the hotspot; others are left out.
    coverage : rows of COVERAGE around the candidate, drawn on the map.
    """
    target = Path(path)
    subject = request.get("hotspot_id")
    body = dossier(request, hotspot, _of(diagnoses, subject), _of(actions, subject), coverage, language)
    with written_aside(target) as aside:
        aside.write_text(page(_WORDS[language]["dossier"], body, language), encoding="utf-8", errors="replace")
    return target


def write_html(frame: pd.DataFrame, path: Path, layer: str, language: Language) -> None:
    """A printable page: dossiers for site requests, a table for anything else."""
    if table_name(frame) == "site_requests":
        parts = [dossier(row, None, None, None, None, language) for row in records(frame)]
        path.write_text(page(layer, "".join(parts), language), encoding="utf-8")
        return
    table = table_name(frame)
    headings = [title(table, str(name), language) for name in frame.columns]
    rows = ([prose(parse_json(v)) for v in row] for row in frame.itertuples(index=False))
    path.write_text(page(layer, f"<h1>{escape(layer)}</h1>{_table(headings, rows)}", language), encoding="utf-8")


def dossier(
    request: Row,
    hotspot: Row | None,
    diagnoses: pd.DataFrame | None,
    actions: pd.DataFrame | None,
    coverage: pd.DataFrame | None,
    language: Language,
) -> str:
    """The article of one request; every text escaped."""
    words = _WORDS[language]
    sentence = prose(request.get(f"sentence_{language}"))
    parts = [
        f"<h1>{escape(words['dossier'])} {escape(prose(request.get('request_no')))}</h1><p>{escape(sentence)}</p>",
        _section(words["map"], request_map(request, coverage, words["north"]) + f"<p>{escape(words['legend'])}</p>"),
        '<div class="two">',
        _section(words["priority"], bar_chart(_numbers(request.get("priority_terms")))),
        _section(words["classes"], bar_chart(_numbers(request.get("classes")))),
        "</div>",
        _trend(hotspot, words["trend"]),
        _section(words["form"], _form(request, language)),
        _records(
            diagnoses,
            "diagnoses",
            ("rank", "cause", "confidence", "evidence", "contradictions", "missing"),
            words["causes"],
            language,
        ),
        _records(
            actions,
            "actions",
            (
                "rank",
                "action",
                "department",
                "gain_customers",
                "harm_customers",
                "net_customers",
                f"sentence_{language}",
            ),
            words["actions"],
            language,
        ),
        _section(words["evidence"], _evidence(request, language)),
    ]
    return f"<article>{''.join(parts)}</article>"


def page(heading: str, body: str, language: Language) -> str:
    """A complete HTML document that loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    code = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _of(frame: pd.DataFrame | None, subject: object) -> pd.DataFrame | None:
    if frame is None:
        return None
    return clean_columns(frame[frame["subject_id"] == subject].sort_values("rank"))[0]


def _trend(hotspot: Row | None, heading: str) -> str:
    steps = parse_json(hotspot.get("trend")) if hotspot is not None else None
    return _section(heading, trend_chart(steps)) if isinstance(steps, list) and steps else ""


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{body}</section>"


def _form(request: Row, language: Language) -> str:
    rows = [
        (title("site_requests", str(name), language), prose(parse_json(value)))
        for name, value in request.items()
        if name not in _NESTED and not str(name).startswith("sentence_")
    ]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _records(frame: pd.DataFrame | None, table: str, columns: tuple[str, ...], heading: str, language: Language) -> str:
    if frame is None or frame.empty:
        return ""
    shown = [name for name in columns if name in frame.columns]
    rows = ([prose(parse_json(v)) for v in row] for row in frame[shown].itertuples(index=False))
    return _section(heading, _table([title(table, name, language) for name in shown], rows))


def _evidence(request: Row, language: Language) -> str:
    rows = (
        [title("site_requests", topic, language), item, prose(value), detail]
        for topic in _NESTED
        for item, value, detail in topic_items(parse_json(request.get(topic)))
    )
    return _table([title("sheet", name, language) for name in ("topic", "item", "value", "detail")], rows)


def _table(headings: list[str], rows: Iterator[list[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _numbers(value: object) -> dict[str, float]:
    plain = parse_json(value)
    if isinstance(plain, dict):
        return {str(k): float(v) for k, v in plain.items() if isinstance(v, int | float)}
    if isinstance(plain, list):
        return {item: float(v) for item, v, _ in topic_items(plain) if isinstance(v, int | float)}
    return {}
