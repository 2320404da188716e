"""The application: its commands, and what happens to an error."""

from __future__ import annotations

import gc
import os
import sys
from importlib.metadata import entry_points

import typer

from geoservice import __version__
from geoservice.cli import answers, common, data, diagnose, people, runs, what_if
from geoservice.cli import tools as tool_commands
from geoservice.errors import GeoserviceError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130
_COLLECT_AFTER = (100_000, 20, 20)

app = typer.Typer(
    name="geoservice",
    help="Complaints about mobile signal, turned into located, explained, costed work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


for _module in (data, runs, answers, diagnose, what_if, tool_commands, people):
    _module.register(app)
# Maps and the web live above the domain; their commands are found, not imported.
for _entry in sorted(entry_points(group="geoservice.commands"), key=lambda entry: entry.name):
    _entry.load()(app)


def main() -> None:
    """Run; a known error is one sentence on stderr and exit code 1, never a traceback."""
    # Tables are read as hundreds of thousands of small objects without cycles: the collector walked them for a
    # second of a sample analysis and found nothing.
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        app()
    except GeoserviceError as error:
        common.say(f" {error.message}", head="error:", to=common.err)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        common.say("interrupted; nothing half-done is kept", to=common.err)
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        # The text of a foreign exception may carry a customer's data: show its kind only.
        if os.environ.get("GEOSERVICE_DEBUG"):
            raise
        common.say(f"internal error: {type(error).__name__}; set GEOSERVICE_DEBUG=1 for the details", to=common.err)
        sys.exit(EXIT_ERROR)
