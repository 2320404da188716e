"""The learnt reader: what an n-gram is, and that the weights come from the corpus alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from geoservice.intake.classify import classify_one, features, kernels, model, training, views
from geoservice.intake.classify.normalise import normalise
from geoservice.intake.classify.scan import read_chunk

WEIGHTS = Path(model.__file__).parent / model.WEIGHTS


def words_of(text: str) -> list[str]:
    joined = normalise([text]) + "\n"
    found = features.tokens(joined)
    return [joined[a:b] for a, b, stop in zip(found.start, found.end, found.stop, strict=True) if not stop]


def test_words_are_single_characters_and_latin_words() -> None:
    assert words_of("我的iPhone没信号, don't know") == ["我", "的", "iphone", "没", "信", "号", "don", "'t", "know"]


def grams_of(texts: list[str]) -> tuple[features.Tokens, views.Layers, list[tuple[int, int, int]]]:
    """Words, layers and (text, first word, last word) of every n-gram."""
    chunk = read_chunk(texts)
    found = features.tokens(chunk.joined)
    layers = views.layers_of(found, chunk.spans, len(texts))
    every, once = kernels.everything(), np.zeros(len(texts), np.bool_)
    grams, ends = kernels.collect(*layers[:3], *layers[5:8], *every, once)
    text = np.repeat(np.arange(len(texts)), np.diff(ends))
    spans = zip(text.tolist(), layers.first[grams[:, 1]].tolist(), layers.last[grams[:, 2]].tolist(), strict=True)
    return found, layers, list(spans)


def test_no_gram_spans_a_clause_end() -> None:
    found, _, spans = grams_of(["没 信, 号 了", "好"])
    assert not any(found.stop[a + 1 : b].any() for _, a, b in spans)
    assert {text for text, _, _ in spans} == {0, 1}


def test_grams_are_runs_and_pairs_with_the_edges_of_clauses() -> None:
    _, layers, _ = grams_of(["甲乙丙丁"])
    runs = {(a, b) for _, a, b in grams_of(["甲乙丙丁"])[2]}
    edges = {(0, 1), (0, 2), (4, 5), (3, 5)}
    assert runs == {(a, b) for a in range(1, 5) for b in range(a, min(a + 4, 5))} | edges
    assert layers.bounds[0].tolist() == [1, 6]


def test_grams_of_a_text_do_not_depend_on_its_neighbours() -> None:
    alone = [(a, b) for _, a, b in grams_of(["my plumber's calls drop, 真烦"])[2]]
    found, layers, spans = grams_of(["没信号，my wife cries", "my plumber's calls drop, 真烦", "ok"])
    begin = layers.bounds[0][1] - 1
    assert [(a - begin, b - begin) for text, a, b in spans if text == 1] == alone
    assert len(found.word) == layers.bounds[0][-1]


def test_weights_are_small_and_plain() -> None:
    assert WEIGHTS.stat().st_size < 2_500_000
    with zipfile.ZipFile(WEIGHTS) as parts, np.load(WEIGHTS, allow_pickle=False) as saved:
        assert len(parts.namelist()) == len(saved.files)
        assert saved["weights"].dtype == np.int8


def test_learning_twice_gives_the_same_weights(tmp_path: Path) -> None:
    texts = [text for text in training.read_corpus() if text.writer == "second"]
    files = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in files:
        training.save(training.learn(texts), path)
    with np.load(files[0]) as one, np.load(files[1]) as other:
        assert all((one[name] == other[name]).all() for name in one.files)


@pytest.mark.slow
def test_committed_weights_come_from_the_committed_texts(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    training.save(training.learn(training.read_corpus()), path)
    with np.load(path) as ours, np.load(WEIGHTS) as committed:
        assert np.array_equal(ours["buckets"], committed["buckets"])
        assert np.abs(ours["weights"].astype(int) - committed["weights"]).max() <= 1


def test_evidence_of_the_weights_is_in_the_text() -> None:
    for text in ("My sentences come back to me like a boomerang", "我的话绕一圈又回到我耳朵里"):
        found = classify_one(text)
        assert found.primary == "ECHO"
        assert found.evidence
        assert found.evidence in text
