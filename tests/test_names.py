"""One rule for the language of pages, API and command line."""

from __future__ import annotations

import pytest

from geoservice.names import language_of


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (("en", "zh"), "en"),
        ((None, "", "zh-CN,zh;q=0.9,en;q=0.8"), "zh"),
        (("fr", "en-GB,en;q=0.9"), "en"),
        (("fr-FR,fr;q=0.9,en;q=0.5,zh;q=0.7",), "zh"),
        (("en;q=0, zh;q=0.1",), "zh"),
        (("en_GB.UTF-8",), "en"),
        (("C.UTF-8",), "zh"),
        (("POSIX", "zh_TW"), "zh"),
        (("english",), "zh"),
        ((), "zh"),
        (("en;q=high, " + "x," * 50,), "zh"),
    ],
)
def test_the_first_wish_that_names_one_of_ours_wins(wishes: tuple[str | None, ...], expected: str) -> None:
    assert language_of(*wishes) == expected
