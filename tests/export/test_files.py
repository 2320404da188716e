"""Whole or absent: a killed or failed export leaves nothing under the final name (attacks 34 and 35)."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geoservice.errors import FileError, InputError
from geoservice.export import content_disposition, safe_name, sweep_orphans
from geoservice.export.files import checked_path, written_aside


def test_a_failure_leaves_the_old_file_and_no_trace(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), written_aside(target) as aside:
        aside.write_text("half" * (1 // 0))
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_success_replaces_the_file_and_leaves_only_it(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with written_aside(target) as aside:
        aside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_full_disk_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="disk is full") as caught, written_aside(tmp_path / "a.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.code == "no-space"
    assert os.listdir(tmp_path) == []


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("keep")
    link = tmp_path / "out.csv"
    link.symlink_to(secret)
    with written_aside(link) as aside:
        aside.write_text("new")
    assert secret.read_text() == "keep"
    assert not link.is_symlink()


def test_a_killed_writer_leaves_no_file_and_is_swept(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from geoservice.export.files import written_aside\n"
        "with written_aside(Path(sys.argv[1])) as aside:\n"
        "    aside.write_text('half'); print('ready', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "a.csv")], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    (orphan,) = tmp_path.iterdir()
    long_ago = time.time() - 3600
    os.utime(orphan, (long_ago, long_ago))
    assert sweep_orphans(tmp_path) == 0, "a living writer is left alone"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert not (tmp_path / "a.csv").exists()
    assert sweep_orphans(tmp_path) == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a\0.csv", "\ud800.csv", "noending", "x" * 5000 + ".csv"])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        checked_path(tmp_path / name)


def test_missing_folder_and_folder_as_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "d.csv").mkdir()
    for path in (tmp_path / "none" / "a.csv", tmp_path / "d.csv"):
        with pytest.raises(FileError):
            checked_path(path)


@pytest.mark.parametrize(
    "text",
    [
        "../../etc/passwd",
        "..\\..\\x",
        "/etc/passwd",
        "a\r\nSet-Cookie: x",
        'x"; filename="y',
        "%2e%2e%2f",
        "\0",
        "",
        "...",
    ],
)
def test_safe_names_hold_no_path_quote_or_line_break(text: str) -> None:
    name = safe_name(text, ".csv")
    assert name.endswith(".csv")
    assert not set(name) & set('/\\"\r\n\0%;')
    assert ".." not in name


@pytest.mark.parametrize(
    "name", ['x"; filename="y.csv', "a\r\nb.csv", "需求单.csv", "é.csv", "a;b.xlsx", "../.csv", "x" * 5000]
)
def test_content_disposition_is_one_ascii_line(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2
    assert len(header) < 1000
