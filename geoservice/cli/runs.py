"""Commands about runs: analyse, runs, evaluate, verify, status."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from geoservice.cli import common
from geoservice.cli.words import word
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError

Since = Annotated[str | None, typer.Option(help="First day or moment, e.g. 2026-03-01.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (analyse, evaluate, verify, runs, status):
        app.command()(command)


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


def evaluate(
    truth: Annotated[Path, typer.Argument(help="truth.json of a simulated city.")],
    run: common.RunId = None,
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
    run: common.RunId = None,
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
