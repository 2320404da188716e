"""The list of attacks is kept: each of 1–53 has a test that carries its number."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
NAMED = re.compile(r"^(?:async )?def test_((?:\d\d_)+)\w", re.MULTILINE)


def numbered() -> dict[int, set[str]]:
    """Number of an attack to the files that hold its tests."""
    found: dict[int, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for match in NAMED.finditer(path.read_text("utf-8")):
            for number in match[1].strip("_").split("_"):
                found.setdefault(int(number), set()).add(str(path.relative_to(TESTS)))
    return found


def test_every_attack_through_the_files_the_exports_and_the_door_is_a_test() -> None:
    assert sorted(set(range(1, 54)) - set(numbered())) == []
