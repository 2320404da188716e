"""The command that says why it does not work at a place."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geoservice.cli import common
from geoservice.config import DEFAULT_TIMEZONE


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(diagnose)


def diagnose(
    query: Annotated[str, typer.Argument(help='Address, place, cell, ticket, or "LAT,LON".')],
    text: Annotated[str | None, typer.Option(help="What the customer says.")] = None,
    class_: Annotated[str | None, typer.Option("--class", help="Class code, when known.")] = None,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    thresholds: common.Thresholds = None,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Why it does not work at a place: causes with evidence, and what to measure where it does not suffice."""
    language = common.check_language(language)
    with common.service(database, folder, timezone, thresholds) as service:
        answer = service.why(query, {"text": text, "class": class_})
    if json:
        common.print_json(answer)
    else:
        _show(answer, language)


def _show(answer: dict[str, Any], language: str) -> None:
    show = common.out.print
    place = f"{answer['lat']:.5f},{answer['lon']:.5f} ±{answer['radius_m']:.0f} m"
    show(f"{place} · {answer['customers']:.0f} customers since {answer['since'][:10]}", highlight=False)
    for cause in answer["causes"]:
        if not cause["shown"]:
            continue
        show(f"[bold]{cause[f'name_{language}']}[/] {cause['confidence']:.2f} ({cause['cause']})", highlight=False)
        for mark, points in (("+", cause["evidence"]), ("-", cause["contradictions"])):
            for point in points or []:
                show(f"  {mark} {_point(point, language)}", highlight=False, markup=False)
        for lacking in cause["missing"] or []:
            show(f"  ? {lacking[language]}", highlight=False, markup=False)


def _point(point: dict[str, Any], language: str) -> str:
    threshold = f" (threshold {point['threshold']})" if point.get("threshold") is not None else ""
    return f"{point[f'label_{language}']}: {point.get('value')}{threshold}"
