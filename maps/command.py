"""The command ``geoservice map OUT.html``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoservice.config import DEFAULT_TIMEZONE, load_config
from geoservice.errors import InputError
from geoservice.names import language_of
from geoservice.service import Service, Window, open_service

if TYPE_CHECKING:
    from maps.pages import MapData

_WORLD = Window(-90, -180, 90, 180)
# Sectors of a whole country would make the file too heavy to mail; names likewise.
_MAX_CELLS = 20_000
_MAX_PLACES = 200


def register(app: typer.Typer) -> None:
    """Add the command. What draws maps is imported when one is drawn: every other command would pay for it."""
    app.command("map")(map_command)


def map_command(
    out: Annotated[Path, typer.Argument(help="HTML file to write.")],
    run: Annotated[str | None, typer.Option(help="Run to draw (default: the newest finished one).")] = None,
    language: Annotated[
        str, typer.Option("--language", "-l", envvar="GEOSERVICE_LANGUAGE", help="zh or en (default: the locale's).")
    ] = "",
    timezone: Annotated[
        str, typer.Option(envvar="GEOSERVICE_TIMEZONE", help="Zone of the days shown.")
    ] = DEFAULT_TIMEZONE,
    database: Annotated[str | None, typer.Option(envvar="GEOSERVICE_DATABASE_URL", help="Database URL.")] = None,
    folder: Annotated[Path | None, typer.Option(envvar="GEOSERVICE_FOLDER", help="Data folder.")] = None,
) -> None:
    """Write the map of a run as one self-contained file that opens with the network off."""
    if language not in {"", "zh", "en"}:
        raise InputError(f"language {language!r} is not known; use zh or en", field="language")
    language = language_of(language, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")))
    service = open_service(database, folder, load_config(timezone=timezone), must_exist=True)
    try:
        view = service.view(run)
        from maps.pages import exported_page

        text = exported_page(map_data(service, view.run.run_id), language, view.run.run_id, timezone)
    finally:
        service.close()
    _write(out, text)
    typer.echo(f"{out}: {len(text.encode()) / 1e6:.1f} MB")


def map_data(service: Service, run_id: str) -> MapData:
    """Everything an exported map shows, as plain answers."""
    from maps.pages import MapData

    return MapData(
        hexes=service.hex_levels(run_id),
        hotspots=service.hotspots(run_id),
        cells=service.cells(_WORLD, limit=_MAX_CELLS),
        requests=service.site_requests(run_id),
        places=service.places(_WORLD, limit=_MAX_PLACES),
    )


def seen_data(service: Service, shown: dict[str, Any], window: Window, run_id: str | None = None) -> MapData:
    """What one window of the live map shows: its hexes as they are, and what lies inside."""
    from maps.pages import MapData

    def inside(row: dict[str, Any]) -> bool:
        return window.south <= row["lat"] <= window.north and window.west <= row["lon"] <= window.east

    return MapData(
        hexes=[shown],
        hotspots=[spot for spot in service.hotspots(run_id) if inside(spot)],
        cells=service.cells(window, limit=_MAX_CELLS),
        requests=[request for request in service.site_requests(run_id) if inside(request)],
        places=service.places(window, limit=_MAX_PLACES),
    )


def _write(path: Path, text: str) -> None:
    """Write aside, flush to disk, rename: the file is whole or not there."""
    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist", field="out")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
