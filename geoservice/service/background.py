"""Analyses in a process of their own: the caller stays quick, and a crash cannot take it down."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from geoservice.pipeline import AnalyseOptions


def launch(database: str, folder: Path, run_id: str, options: AnalyseOptions, timezone: str) -> subprocess.Popen[bytes]:
    """Start ``geoservice analyse`` for a run that is already in the ledger."""
    command = [sys.executable, "-m", "geoservice.cli", "analyse", "--run-id", run_id]
    command += ["--database", database, "--folder", str(folder), "--timezone", timezone, "--quiet"]
    command += ["--seed", str(options.seed), "--replicas", str(options.replicas)]
    command += _flag("--since", options.since) + _flag("--until", options.until)
    command += _flag("--class", options.class_group) + _flag("--resolution", options.resolution)
    # Our own interpreter and our own words only: nothing a caller typed becomes part of a shell.
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _flag(name: str, value: datetime | str | int | None) -> list[str]:
    if value is None:
        return []
    return [name, value.isoformat() if isinstance(value, datetime) else str(value)]
