"""Commands that analyse and answer: analyse, lookup, hotspots, actions, export, evaluate, verify."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from geoservice.cli import common
from geoservice.cli.words import word, words
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError
from geoservice.records import CellChange

Since = Annotated[str | None, typer.Option(help="First day or moment, e.g. 2026-03-01.")]
RunId = Annotated[str | None, typer.Option("--run", help="Run to show (default: the newest finished one).")]
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
    for command in (analyse, lookup, hotspots, actions, export, evaluate, verify, runs, status):
        app.command()(command)
    app.command("what-if")(what_if)


def analyse(
    since: Since = None,
    until: Annotated[str | None, typer.Option(help="First moment after the period.")] = None,
    class_group: Annotated[str | None, typer.Option("--class", help="Only one class group.")] = None,
    resolution: Annotated[int | None, typer.Option(help="H3 resolution (default: from the data).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the Monte Carlo.")] = 20260101,
    replicas: Annotated[int, typer.Option(min=99, max=9_999, help="Monte Carlo replicas.")] = 999,
    engine: Annotated[str, typer.Option(help="local or dask.")] = "local",
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    run_id: Annotated[str | None, typer.Option("--run-id", hidden=True)] = None,
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    thresholds: common.Thresholds = None,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Find hotspots, explain them, plan actions and site requests; the result is one run."""
    from geoservice.engine import open_engine
    from geoservice.pipeline import AnalyseOptions

    options = AnalyseOptions(
        since=_moment(since, timezone, "since"),
        until=_moment(until, timezone, "until"),
        class_group=class_group,
        resolution=resolution,
        seed=seed,
        replicas=replicas,
    )
    with (
        common.service(database, folder, timezone, thresholds, must_exist=True) as service,
        common.progress(quiet or json) as report,
    ):
        chosen = open_engine(engine, scheduler)
        try:
            run = service.analyse(options, chosen, report, run_id)
        finally:
            chosen.close()
    if json:
        kept = ("complaints", "customers", "hotspots", "seconds", "notes")
        common.print_json({"run": run.run_id, **{name: getattr(run, name) for name in kept}})
        return
    counts = f"{run.complaints:,} complaints · {run.customers:,} customers · {run.hotspots} hotspots"
    common.say(f": {counts} · {run.seconds:.1f} s", head=run.run_id)
    for note in run.notes:
        common.say(f"  note: {note}")


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
    run: RunId = None,
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
    run: RunId = None,
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
    run: RunId = None,
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


def evaluate(
    truth: Annotated[Path, typer.Argument(help="truth.json of a simulated city.")],
    run: RunId = None,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Score the findings of a run against planted truth."""
    with common.service(database, folder, must_exist=True) as service:
        score = service.evaluate(truth, run)
    if json:
        common.print_json(score)
        return
    keys = ("id", "cause", "hotspot", "distance_m", "said", "verdict")
    rows = ([item.get(key) or "–" for key in keys] for item in score["details"])
    common.out.print(common.table(("planted", "cause", "found as", "off by (m)", "cause said", "verdict"), rows))
    common.say(head=", ".join(f"{key.replace('_', ' ')} {score[key]}" for key in score if key != "details"))


def verify(
    action: Annotated[str, typer.Argument(help="Action id, e.g. H0001-A07 (see: geoservice actions --json).")],
    done: Annotated[str, typer.Option(help="When the action was finished, e.g. 2026-05-01.")],
    run: RunId = None,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Did it work? Complaining customers before and after, against hexes where nothing was done."""
    language = common.check_language(language)
    moment = _moment(done, timezone, "done")
    if moment is None:
        raise InputError("say when the action was finished: --done 2026-05-01", field="done")
    with common.service(database, folder, timezone, must_exist=True) as service:
        found = service.verify(action, moment, run)
    if json:
        common.print_json(found)
        return
    common.say(f": {found[f'sentence_{language}']}", head=found["action_id"])
    for item in found["lacking"]:
        common.say(f"  {word('lacking', language)}: {item.get(language, item)}")


def what_if(
    change: Annotated[list[str] | None, typer.Option(help="CGI:FIELD=VALUE, e.g. 460-00-1-1:elec_tilt_deg=4.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="Cell to switch off.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="New site LAT,LON[,macro|micro[,HEIGHT_M]].")] = None,
    map_: Annotated[Path | None, typer.Option("--map", help="Page with maps before and after: OUT.html.")] = None,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Coverage before and after changes of the network, new sites and cells switched off."""
    from geoservice.service.trying import site_from_text

    if map_ is not None and map_.suffix.lower() != ".html":
        raise InputError("--map writes a page: give a file that ends in .html", field="map")
    language = common.check_language(language)
    changes = [_change(text) for text in change or []] + [CellChange(cgi, "status", "off") for cgi in off or []]
    sites = [site_from_text(text) for text in site or []]
    with common.service(database, folder, timezone, must_exist=True) as service:
        if map_ is None:
            found = service.what_if_answer(changes, sites)
        else:
            found = service.what_if_page(changes, sites, map_, language)
    if json:
        common.print_json(found)
        return
    for name in ("customers_gained", "customers_lost", "customers_newly_overlapped", "customers_net"):
        common.say(f"{word(name.replace('_', ' '), language)}: {found[name]:,.0f}")
    common.say(f"{word('hexes affected', language)}: {len(found['hexes'])}")
    if map_ is not None:
        common.say(f"{word('map', language)}: {map_}")


def _change(text: str) -> CellChange:
    cgi, colon, rest = text.rpartition(":")
    field, equals, value = rest.partition("=")
    try:
        if not (cgi and colon and equals):
            raise ValueError
        return CellChange(cgi, field.strip(), float(value))
    except ValueError:
        raise InputError(f"change {text!r} is not of the form CGI:FIELD=NUMBER", field="change") from None


def runs(
    prune: Annotated[
        int | None,
        typer.Option(min=1, help="keep the newest N runs and those somebody decided on; delete the others for good"),
    ] = None,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Runs, newest first."""
    with common.service(database, folder, must_exist=True) as service:
        gone = [] if prune is None else service.prune_runs(prune)
        found = service.runs()
    if json:
        common.print_json([{"run": run.run_id, "state": run.state, "share": run.share} for run in found])
        return
    if prune is not None:
        common.say(f"{len(gone)} runs deleted")
    for run in found:
        common.say(f"{run.run_id} {run.state} {run.share:.0%} {run.hotspots} hotspots")


def status(database: common.Database = None, folder: common.Folder = None, json: common.Json = False) -> None:
    """What is stored and which run is shown."""
    with common.service(database, folder, must_exist=True) as service:
        found = service.status()
    if json:
        common.print_json(found)
        return
    for name, count in found.pop("tables").items():
        common.say(f"{name:16} {count:>12,}")
    for name, value in found.items():
        common.say(f"{name:16} {value!s:>12}")


def _moment(text: str | None, timezone: str, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"--{field} {text!r} is not a date like 2026-03-01 or 2026-03-01T08:00+08:00", field=field
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
