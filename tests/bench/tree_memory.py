"""Peak memory of a process and everything it forks, counted once.

Resident set sizes of forked processes count the pages they share several times. The proportional set size (PSS,
``/proc/PID/smaps_rollup``) gives every page to its holders in equal parts, so that the sum over the tree is the
memory that is really occupied, libraries included.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from time import sleep

import psutil

_EVERY_S = 0.2


def pss_mb(pid: int) -> float:
    """Proportional set size of one process in MB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def tree_mb(pid: int) -> list[float]:
    """PSS of a process and of each of its descendants, MB."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return [pss_mb(one) for one in (pid, *(child.pid for child in children))]


def run_watched(arguments: Sequence[str], folder: Path) -> tuple[dict[str, float], float]:
    """Run a Python script that prints one JSON object; the object, and the peak PSS of its tree in MB."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=folder)
    peak = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peak[0] = max(peak[0], sum(tree_mb(process.pid)))
            sleep(_EVERY_S)

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer, _ = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{arguments[0]} failed with {process.returncode}")
    return json.loads(answer.splitlines()[-1]), peak[0]
