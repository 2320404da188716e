"""The command that says why it does not work at a place."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geoservice.cli import common
from geoservice.cli.words import word
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
    with common.service(database, folder, timezone, thresholds, must_exist=True) as service:
        answer = service.why(query, {"text": text, "class": class_})
    if json:
        common.print_json(answer)
    else:
        _show(answer, language, timezone)


def _show(answer: dict[str, Any], language: str, timezone: str) -> None:
    place = f"{answer['lat']:.5f},{answer['lon']:.5f} ±{answer['radius_m']:.0f} m"
    since = f"{word('since', language)} {common.day(answer['since'], timezone)}"
    common.say(f"{place} · {word('customers', language)} {answer['customers']:.0f} · {since}")
    for cause in answer["causes"]:
        if not cause["shown"]:
            continue
        common.say(f" {cause['confidence']:.2f} ({cause['cause']})", head=cause[f"name_{language}"])
        for mark, points in (("+", cause["evidence"]), ("-", cause["contradictions"])):
            for point in points or []:
                common.say(f"  {mark} {_point(point, language)}")
        for lacking in cause["missing"] or []:
            common.say(f"  ? {lacking[language]}")


def _point(point: dict[str, Any], language: str) -> str:
    told = point.get("threshold")
    threshold = f" ({word('threshold', language)} {told})" if told is not None else ""
    return f"{point[f'label_{language}']}: {point.get('value')}{threshold}"
