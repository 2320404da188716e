"""A text is looked up once; the answers are those of the search."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from geoservice.locate import remembered
from geoservice.locate.gazetteer import Gazetteer
from geoservice.locate.remembered import Remembered
from tests.locate import places

COLUMNS = ["query", "entry", "probability", "is_near"]
TEXTS = ["南山区", "不存在的地方xyz", "福田区新安路12号", "南山区", "宝安区附近"]


def test_answers_are_those_of_the_gazetteer() -> None:
    gazetteer = Gazetteer(places.chinese_city())
    kept = Remembered(gazetteer.search)
    expected = gazetteer.search(TEXTS, 5).sort_values("query", kind="stable", ignore_index=True)[COLUMNS]
    for _ in range(2):
        pd.testing.assert_frame_equal(kept.search(TEXTS, 5), expected, check_dtype=False)


def test_each_text_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def search(texts: Sequence[str], _limit: int) -> pd.DataFrame:
        asked.extend(texts)
        return pd.DataFrame({"query": range(len(texts)), "entry": 1, "probability": 1.0, "is_near": False})

    kept = Remembered(search)
    kept.search(["a", "b", "a"], 5)
    assert len(kept.search(["b", "c", "a"], 5)) == 3
    assert asked == ["a", "b", "c"]
    monkeypatch.setattr(remembered, "MOST_TEXTS", 3)
    assert kept.search(["d", "a"], 5)["query"].tolist() == [0, 1]
    assert asked[3:] == ["d", "a"]


def test_nothing_asked_nothing_answered() -> None:
    assert Remembered(lambda texts, limit: pd.DataFrame()).search([], 5).empty


def test_threads_that_share_a_memory_which_overflows_get_their_own_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_TEXTS", 5)

    def search(texts: Sequence[str], _limit: int) -> pd.DataFrame:
        time.sleep(0.0005)  # let the others in between learning and answering
        entries = [int(text) for text in texts]
        return pd.DataFrame({"query": range(len(texts)), "entry": entries, "probability": 1.0, "is_near": False})

    kept = Remembered(search)

    def ask(first: int) -> bool:
        wanted = [[first + turn, first + turn + 1, first] for turn in range(40)]
        return all(kept.search([str(n) for n in one], 5)["entry"].tolist() == one for one in wanted)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
