"""What the commands share: options, output, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geoservice import names
from geoservice.config import load_config
from geoservice.errors import InputError
from geoservice.records import Progress as Callback

if TYPE_CHECKING:
    from geoservice.service import Service

Database = Annotated[
    str | None, typer.Option("--database", envvar="GEOSERVICE_DATABASE_URL", help="sqlite:///FILE.db or postgresql://…")
]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", envvar="GEOSERVICE_FOLDER", help="Folder for the secret, rejects and exports."),
]
Timezone = Annotated[
    str, typer.Option("--timezone", envvar="GEOSERVICE_TIMEZONE", help="Zone of times without offset.")
]
Thresholds = Annotated[
    Path | None,
    typer.Option("--thresholds", envvar="GEOSERVICE_THRESHOLDS", help="JSON file that overrides thresholds."),
]
RunId = Annotated[str | None, typer.Option("--run", help="Run to show (default: the newest finished one).")]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")]
Language = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        envvar="GEOSERVICE_LANGUAGE",
        show_default="the locale's, else zh",
        help="zh or en.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]

# A pipe has no width: nothing is cut there, so that ids can be read and searched for.
out = Console(soft_wrap=True) if sys.stdout.isatty() else Console(soft_wrap=True, width=240)
err = Console(stderr=True, soft_wrap=True)


@contextmanager
def service(
    database: str | None,
    folder: Path | None,
    timezone: str | None = None,
    thresholds: Path | None = None,
    *,
    must_exist: bool = False,
) -> Iterator[Service]:
    """The service of a deployment, closed afterwards; with ``must_exist`` a missing database is not made."""
    # Imported here so that --help and argument errors do not wait for pandas and SQLAlchemy.
    from geoservice.service import open_service

    opened = open_service(database, folder, load_config(thresholds, timezone), must_exist=must_exist)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def progress(quiet: bool) -> Iterator[Callback]:
    """A progress bar on stderr that is gone when the work is done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0)

        def report(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what or None)

        yield report


def plain(text: str) -> str:
    """Text with control characters shown escaped: a name from a file must not steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def say(text: str = "", *, head: str = "", style: str = "", to: Console | None = None) -> None:
    """Print a line as it is, ``head`` before it in bold; square brackets in names are not markup."""
    (to or out).print(Text.assemble((plain(head), "bold"), (plain(text), style)), highlight=False)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str | None = None) -> Table:
    """A table of plain texts; None is an empty cell."""
    made = Table(*columns, title=title)
    for row in rows:
        made.add_row(*(Text("" if cell is None else plain(str(cell))) for cell in row))
    return made


def day(moment: str, timezone: str, *, last: bool = False) -> str:
    """Local day of a moment; ``last`` is the last day of a period that ends there."""
    time = datetime.fromisoformat(moment) - timedelta(seconds=1 if last else 0)
    return time.astimezone(ZoneInfo(timezone)).date().isoformat()


def print_json(value: Any, *, pretty: bool = False) -> None:
    """JSON on stdout, one line unless ``pretty``."""
    option = orjson.OPT_SERIALIZE_NUMPY | (orjson.OPT_INDENT_2 if pretty else 0)
    typer.echo(orjson.dumps(value, option=option, default=str).decode())


def check_language(language: str) -> Literal["zh", "en"]:
    """``zh`` or ``en``: what was asked for, else the locale's, else Chinese (decision 0161)."""
    if language not in {"", "zh", "en"}:
        raise InputError(f"language {language!r} is not known; use zh or en", field="language")
    return names.language_of(language, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")))
