"""HTML of printable pages: the frame, tables and sections. Everything that comes from data is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from geoservice.export.titles import Language

STYLE = """
body{font:14px/1.5 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1b1b1b;max-width:62rem;margin:1rem auto;
padding:0 .75rem}
h1{font-size:1.5rem;border-bottom:3px solid #1f4e78}h2{font-size:1.1rem;color:#1f4e78;margin-top:1.4rem}
h3{font-size:1rem;margin:.6rem 0 .2rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;
vertical-align:top;overflow-wrap:break-word}th{background:#eef3f8;width:16rem}
thead th{width:auto;word-break:keep-all}
svg{max-width:100%;height:auto;border:1px solid #ddd}.two{display:flex;gap:1rem;flex-wrap:wrap}
.two>*{flex:1 1 22rem;min-width:0}.facts{display:flex;gap:.75rem;flex-wrap:wrap;margin:.75rem 0}
.facts div{border:1px solid #bcd;border-radius:.3rem;padding:.3rem .7rem;background:#f6f9fc}
.facts b{display:block;font-size:1.15rem}.note{color:#555;font-size:.9rem}
section{break-inside:avoid}article{break-after:page}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none}}
"""


def page(heading: str, body: str, language: Language) -> str:
    """A complete HTML document that loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    code = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(heading)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )


def section(heading: str, body: str) -> str:
    """A headed part that is not broken across printed pages; nothing for an empty body."""
    return f"<section><h2>{escape(heading)}</h2>{body}</section>" if body else ""


def table(headings: list[str], rows: Iterable[list[str]]) -> str:
    """A table with a head; empty without rows."""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def form(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values below one another; a value that is not known keeps its line."""
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """The few figures that decide, side by side."""
    return '<div class="facts">' + "".join(f"<div>{escape(n)}<b>{escape(v)}</b></div>" for n, v in pairs) + "</div>"


def paragraph(text: str, *, note: bool = False) -> str:
    """A paragraph of text; small print for notes."""
    lead = '<p class="note">' if note else "<p>"
    return f"{lead}{escape(text)}</p>" if text else ""
