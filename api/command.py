"""The commands ``geoservice serve`` and ``geoservice demo``."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.settings import Settings, from_environment
from geoservice.errors import ConfigError, InputError
from geoservice.service import Service, open_service

# Places and cells first: complaints are located against them as they come in.
DEMO_FILES = (
    ("cells", "cells.csv"),
    ("gazetteer", "gazetteer.csv"),
    ("exposure", "exposure.csv"),
    ("planned-sites", "planned-sites.csv"),
    ("alarms", "alarms.csv"),
    ("energy-windows", "energy-windows.csv"),
    ("neighbours", "neighbours.csv"),
    ("measurements", "measurements.parquet"),
    ("kpis", "kpis.parquet"),
    ("complaints", "complaints.csv"),
)
_GRACE_S = 20
# More than two addresses can hold: others are served while one hoards.
_MOST_CONNECTIONS = 1000
_console = Console(soft_wrap=True, highlight=False)

Host = Annotated[str | None, typer.Option(help="Address to listen on; anything but this machine needs users or keys.")]
Port = Annotated[int | None, typer.Option(help="Port.", min=1, max=65535)]
DatabaseUrl = Annotated[str | None, typer.Option("--database", help="sqlite:///FILE.db or postgresql://…")]
DataFolder = Annotated[Path | None, typer.Option("--folder", help="Folder for the secret, rejects and exports.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("demo")(demo)


def serve(host: Host = None, port: Port = None, database: DatabaseUrl = None, folder: DataFolder = None) -> None:
    """Serve the API and the pages; beyond this machine only to people and programs that are known."""
    run_server(_settings(host, port, database, folder))


def demo(
    sample: Annotated[Path, typer.Argument(help="Folder of a simulated city.")] = Path("data/cells"),
    host: Host = None,
    port: Port = None,
    database: DatabaseUrl = None,
    folder: DataFolder = None,
) -> None:
    """Load a sample city, analyse it, serve it; what is loaded already is not loaded again."""
    settings = _settings(host, port, database, folder)
    check_port(settings)
    service = open_service(settings.database, settings.folder)
    try:
        load_sample(service, sample)
    finally:
        service.close()
    run_server(settings)


def load_sample(service: Service, sample: Path) -> None:
    """Import the files of a simulated city that exist, and analyse when there is no run of this data yet."""
    if not (sample / "complaints.csv").is_file():
        raise InputError(f"{sample} holds no sample city; write one: geoservice simulate {sample}")
    started = time.perf_counter()
    for table, name in DEMO_FILES:
        if (sample / name).is_file():
            report = service.import_file(table, sample / name)
            _console.print(
                f"  {name}: {report.taken:,} taken, {report.rejected:,} rejected, {report.duplicates:,} known"
            )
    current = service.store.current_run()
    if current is None or current.data_version != service.store.data_version():
        run = service.analyse()
        _console.print(f"  analysed: {run.hotspots} hotspots in {run.seconds:.1f} s")
    _console.print(f"  sample city ready after {time.perf_counter() - started:.1f} s")


def check_port(settings: Settings) -> None:
    """Whether the port is free: known before an import or an analysis has been waited for.

    Raises
    ------
    ConfigError
        Someone listens there, or it may not be used.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server itself will: connections of a server that just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); stop what listens there, or "
                "choose another port with --port"
            ) from error


def run_server(settings: Settings) -> None:
    """Serve until stopped."""
    import uvicorn

    from api.main import create_app
    from api.patience import protocol

    check_port(settings)
    app = create_app(settings)
    base = f"http://{settings.host}:{settings.port}"
    _console.print("\n[bold]Open[/]")
    for path, what in (("/", "map · 热点地图"), ("/desk", "desk · 受理台"), ("/planning", "planning · 建站规划")):
        _console.print(f"  {base}{path:<10} {what}")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=_MOST_CONNECTIONS,
        http=protocol(frozenset(settings.trusted_proxies)),
    )


def _settings(host: str | None, port: int | None, database: str | None, folder: Path | None) -> Settings:
    try:
        settings = from_environment()
    except ValueError as error:
        raise ConfigError("GEOSERVICE_PORT and GEOSERVICE_RATE_… must be numbers") from error
    given = {"host": host, "port": port, "database": database, "folder": folder}
    return replace(settings, **{name: value for name, value in given.items() if value is not None}).checked()
