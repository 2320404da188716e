"""The statistical reader: every class's score of a text is the sum of the weights of the text's n-grams.

Linear support vector machines, one a class, on the n-grams of four views of the text (``views.py``). The verdict of
the rules adds a fixed push to its class.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import BUCKETS, Places, Tokens, Words, tokens
from geoservice.intake.classify.hearing import Ear
from geoservice.intake.classify.scan import Chunk
from geoservice.intake.classify.views import Layers, layers_of

Floats = NDArray[np.float32]
WEIGHTS = "weights.npz"
LEVELS = 7  # steps of a weight each way; more cost space and read no better
LONG = 80  # words of a text from which an n-gram counts once
LANES = 16  # columns summed at a time
TEMPER = 5.0  # scores times this are logits: a belief is then about the share right on unseen writers, or less


class Side(NamedTuple):
    """A detail of one class that is one of two ways: a score above zero means the first."""

    column: str
    code: str
    ways: tuple[str, str]


SIDES = (Side("direction", "ACCESS_FAILURE", ("MT", "MO")),)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt.

    Attributes
    ----------
    classes : class codes in the order of the first columns, which look for the primary class; the columns of
        ``SIDES`` follow, then for each class one that looks for it anywhere in a text.
    wanted : whether a bucket's n-gram is known, a bit each in words of 64, shape (BUCKETS / 64,).
    before : how many are known in all words before each, shape (BUCKETS / 64,); with ``wanted`` it numbers the rows
        of ``whole`` in little memory, which is quick to wander through.
    whole, unit : weights as whole numbers and the unit of each row, shapes (known, columns) and (known,); columns of
        nothing are added up to a multiple of ``LANES``.
    bias : shape (columns,).
    ear : which way speech is lost.
    """

    classes: tuple[str, ...]
    wanted: Words
    before: NDArray[np.int32]
    whole: NDArray[np.int8]
    unit: Floats
    bias: Floats
    ear: Ear


@dataclass(frozen=True, slots=True)
class Known:
    """The known n-grams of some texts.

    Attributes
    ----------
    grams : row of ``Model.whole``, first and last word in ``layers`` of each, text by text, shape (n, 3).
    ends : where each text's n-grams begin and the last end, shape (texts + 1,).
    words : the words of all texts.
    layers : the views of them; the first holds all words.
    """

    grams: NDArray[np.int32]
    ends: Places
    words: Tokens
    layers: Layers


def freeze(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Weights as whole numbers -LEVELS...LEVELS and the unit of each row, shapes (n, columns) and (n,)."""
    unit = np.abs(weights).max(axis=1).clip(1e-9) / LEVELS
    return np.rint(weights / unit[:, None]).astype(np.int8), unit.astype(np.float32)


def thaw(
    classes: Sequence[str], buckets: NDArray[np.int32], whole: NDArray[np.int8], unit: Floats, bias: Floats, ear: Ear
) -> Model:
    """A model from its saved parts."""
    known_ones = np.zeros(BUCKETS, np.uint8)
    known_ones[buckets] = 1
    counts = np.cumsum(known_ones.reshape(-1, 64).sum(axis=1))
    before = np.concatenate(([0], counts[:-1])).astype(np.int32)
    wanted = np.packbits(known_ones, bitorder="little").view("<u8").astype(np.uint64)
    order = np.argsort(buckets, kind="stable")
    whole = np.pad(whole[order], ((0, 0), (0, -whole.shape[1] % LANES)))
    units = unit[order].astype(np.float32)
    return Model(tuple(classes), wanted, before, whole, units, bias.astype(np.float32), ear)


@lru_cache(maxsize=1)
def model() -> Model:
    """Load the weights once."""
    with np.load(io.BytesIO((files(__package__) / WEIGHTS).read_bytes()), allow_pickle=False) as saved:
        names = saved["classes"].tolist()
        ear = Ear(dict(zip(saved["heard"].tolist(), saved["hearing"].tolist(), strict=True)), float(saved["ear_bias"]))
        return thaw(names, saved["buckets"], saved["weights"], saved["unit"], saved["bias"], ear)


def known(chunk: Chunk, learnt: Model) -> tuple[Known, Places]:
    """Known n-grams of normalised lines and the number of words of each line.

    In a long text each counts once, or ten thousand times the same word would outweigh all else.
    """
    from geoservice.intake.classify.kernels import collect  # compiled, wanted only where texts are read

    words = tokens(chunk.joined)
    size = sizes(words, chunk.joined)
    seen = layers_of(words, chunk.spans, len(size))
    grams, ends = collect(*seen[:3], *seen[5:8], learnt.wanted, learnt.before, size > LONG)
    return Known(grams, ends, words, seen), size


def sizes(words: Tokens, joined: str) -> Places:
    """The number of words of each line, by whose root its sums are scaled."""
    return np.bincount(words.line[~words.stop], minlength=joined.count("\n"))


def detect(which: Known, totals: Places, learnt: Model) -> Floats:
    """Scores, shape (texts, columns): sums of weights over the root of the number of words."""
    from geoservice.intake.classify.kernels import sums

    found = sums(which.grams, which.ends, learnt.whole, learnt.unit)[:, : len(learnt.bias)]
    return np.asarray(found / np.sqrt(np.maximum(totals, 1), dtype=np.float32)[:, None] + learnt.bias, np.float32)


def parted(scores: Floats, learnt: Model) -> tuple[Floats, Floats, Floats]:
    """Scores for the primary class, for the sides and for a class anywhere in the text."""
    first, last = len(learnt.classes), len(learnt.classes) + len(SIDES)
    return scores[:, :first], scores[:, first:last], scores[:, last:]


def beliefs(scores: Floats) -> Floats:
    """Shares of belief in each class, shape (texts, classes)."""
    odds = np.exp(TEMPER * (scores - scores.max(axis=1, keepdims=True)))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)
