"""Commands that answer: lookup, hotspots, actions, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from geoservice.cli import common
from geoservice.cli.words import word, words
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError

_NO_HOTSPOTS = {
    "zh": "没有显著的投诉热点：各处投诉都在预期范围内。",
    "en": "No significant hotspots: nowhere are there more complaints than expected.",
}
_HOTSPOTS = ("#", "id", "class", "customers", "expected", "risk", "p", "cause", "conf.", "action", "from", "to")
_ACTIONS = ("hotspot", "action", "what", "department", "cost", "net customers", "due")
# Numbers, ids and days are never cut; words may wrap.
_MAY_WRAP = (7, 9)
Top = Annotated[int, typer.Option(min=1, help="How many rows of the table to show; --json gives all.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (lookup, hotspots, actions, export):
        app.command()(command)


def lookup(
    query: Annotated[str, typer.Argument(help='Address, place, cell, or "LAT,LON".')],
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    thresholds: common.Thresholds = None,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """What is known about a place, and what to tell the customer."""
    language = common.check_language(language)
    with common.service(database, folder, timezone, thresholds, must_exist=True) as service:
        answer = service.lookup(query, language)
    if json:
        common.print_json(answer)
    else:
        _show_lookup(answer, language)
    if not answer["fixes"]:
        raise InputError(answer["verdict"])


def _show_lookup(answer: dict[str, Any], language: str) -> None:
    for fix in answer["fixes"]:
        place = f"{fix['lat']:.5f},{fix['lon']:.5f} ±{fix['radius_m']:.0f} m"
        common.say(f"{fix['probability']:.0%} {fix['label'] or ''} {place} ({fix['precision']}, {fix['source']})")
    if not answer["fixes"]:
        return
    common.say(head=answer["verdict"])
    common.say(f"→ {answer['say']}")
    if answer["complaints_nearby"] is not None:
        _show_nearby(answer["complaints_nearby"], language)
    for site in answer["planned_sites"]:
        when = f"{site['distance_m']:.0f} m, {site['status']}, {site['expected_on_air']}"
        common.say(f"{word('planned', language)}: {site['plan_no']}, {when}")
    common.say(f"{word('as of', language)} {answer['as_of']}", style="dim")


def _show_nearby(near: dict[str, Any], language: str) -> None:
    within = f"{near['radius_m']:.0f} m, {near['days']} {word('days', language)}"
    classes = ", ".join(f"{name} {count}" for name, count in near["classes"].items())
    counted = f"{word('customers', language)} {near['customers']} {classes}"
    common.say(f"{word('nearby', language)} ({within}): {counted}".rstrip())


def hotspots(
    run: common.RunId = None,
    top: Top = 20,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Hotspots of a run, most excess customers first."""
    language = common.check_language(language)
    with common.service(database, folder, timezone, must_exist=True) as service:
        found = service.hotspots(run)
    if json:
        common.print_json(found)
        return
    if not found:
        common.say(_NO_HOTSPOTS[language])
        return
    table = common.table(words(_HOTSPOTS, language), (_hotspot_row(spot, language, timezone) for spot in found[:top]))
    for index, column in enumerate(table.columns):
        column.no_wrap = index not in _MAY_WRAP
    common.out.print(table)


def _hotspot_row(spot: dict[str, Any], language: str, timezone: str) -> tuple[object, ...]:
    first = spot["actions"][0] if spot["actions"] else None
    return (
        spot["rank"],
        spot["id"],
        spot["class_group"],
        spot["customers"],
        f"{spot['expected']:.1f}",
        f"{spot['relative_risk']:.1f}",
        "<0.0001" if spot["p_value"] < 1e-4 else f"{spot['p_value']:.4f}",
        spot[f"cause_name_{language}"],
        None if spot["confidence"] is None else f"{spot['confidence']:.2f}",
        f"{first['action']} {first[f'name_{language}']}" if first else None,
        common.day(spot["from"], timezone),
        common.day(spot["to"], timezone, last=True),
    )


def actions(
    run: common.RunId = None,
    top: Top = 30,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Actions of a run with department, cost class and predicted effect."""
    language = common.check_language(language)
    with common.service(database, folder, timezone, must_exist=True) as service:
        found = service.actions(run)
    if json:
        common.print_json(found)
        return
    common.out.print(
        common.table(words(_ACTIONS, language), (_action_row(item, language, timezone) for item in found[:top]))
    )


def _action_row(item: dict[str, Any], language: str, timezone: str) -> tuple[object, ...]:
    return (
        item["subject_id"],
        item["action"],
        item.get(f"sentence_{language}") or item[f"name_{language}"],
        item[f"department_{language}"],
        item["cost_class"],
        None if item["gain"] is None else f"{item['gain']:.0f}",
        common.day(item["due"], timezone) if item["due"] else None,
    )


def export(
    what: Annotated[
        str,
        typer.Argument(
            help="site-requests, hotspots, hexes, actions, coverage, complaints, hex-evidence, "
            "weak-cells, weak-grids or weak-areas; site-requests to X.html is the dossier: a page a request"
        ),
    ],
    out: Annotated[Path, typer.Argument(help="File: .xlsx .csv .geojson .gpkg .kml .parquet .html")],
    run: common.RunId = None,
    language: common.Language = "",
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Write a result of a run to a file other tools read."""
    chosen = common.check_language(language)
    with common.service(database, folder, must_exist=True) as service:
        report = service.export(what, out, chosen, run)
    if json:
        common.print_json({"file": str(report.path), "rows": report.rows, "altered": list(report.altered)})
        return
    common.say(f": {report.rows} rows", head=str(report.path))
    for change in report.altered:
        where = change.column if change.row is None else f"row {change.row + 1}, {change.column}"
        common.say(f"  altered: {where}: {change.reason}")
