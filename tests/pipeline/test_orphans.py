"""Processes of a crew end with the one that made them, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from geoservice.pipeline import parallel

_CODE = """
import os, sys, time
from geoservice.pipeline.parallel import crew

def who(_):
    time.sleep(0.2)
    return os.getpid()

with crew(who, 2) as mapped:
    print(*set(mapped(range(6))), flush=True)
    {end}
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(4)"])
def test_no_process_is_left_behind(end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODE.format(end=end)], capture_output=True, text=True, check=False, timeout=120
    )
    children = [int(pid) for pid in done.stdout.split()]
    assert children, done.stderr
    deadline = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in children if alive(pid)]
    for pid in left:
        os.kill(pid, 9)
    assert not left


def test_where_the_kernel_does_not_tell_the_parent_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(parallel, "_LOOK_S", 0.0)
    monkeypatch.setattr(parallel.os, "getppid", iter([7, 7, 1]).__next__)

    def leave(_code: int) -> None:
        ended.set()

    monkeypatch.setattr(parallel.os, "_exit", leave)
    parallel._watch(7)
    assert ended.is_set()
