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

from geoservice.intake.classify.features import BUCKETS, Places, Rows, Tokens, tokens
from geoservice.intake.classify.scan import Chunk
from geoservice.intake.classify.views import grams_of

Floats = NDArray[np.float32]
WEIGHTS = "weights.npz"
LEVELS = 7  # steps of a weight each way; more cost space and read no better
LONG = 80  # words of a text from which an n-gram counts once
TEMPER = 5.0  # scores times this are logits: a belief is then about the share right on unseen writers, or less


class Side(NamedTuple):
    """A detail of one class that is one of two ways: a score above zero means the first."""

    column: str
    code: str
    ways: tuple[str, str]


SIDES = (Side("direction", "ACCESS_FAILURE", ("MT", "MO")), Side("audio", "ONE_WAY_AUDIO", ("UL", "DL")))


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt.

    Attributes
    ----------
    classes : class codes in the order of the columns; the columns of ``SIDES`` follow.
    rows : row of ``weights`` for each bucket whose n-gram is known.
    weights : shape (known, classes + sides).
    bias : shape (classes + sides,).
    """

    classes: tuple[str, ...]
    rows: Rows
    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Known:
    """The known n-grams of some texts: rows of ``Model.weights``, and the words and text each one covers."""

    row: Places
    first: Places
    last: Places
    line: Places
    words: Tokens


def freeze(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Weights as whole numbers -LEVELS...LEVELS and the unit of each row, shapes (n, columns) and (n,)."""
    unit = np.abs(weights).max(axis=1).clip(1e-9) / LEVELS
    return np.rint(weights / unit[:, None]).astype(np.int8), unit.astype(np.float32)


def thaw(
    classes: Sequence[str], buckets: NDArray[np.int32], whole: NDArray[np.int8], unit: Floats, bias: Floats
) -> Model:
    """A model from its saved parts."""
    row = np.zeros(BUCKETS, np.int32)
    row[buckets] = np.arange(len(buckets))
    wanted = np.zeros(BUCKETS, np.bool_)
    wanted[buckets] = True
    weights = whole.astype(np.float32) * unit.astype(np.float32)[:, None]
    return Model(tuple(classes), Rows(row, wanted), weights, bias.astype(np.float32))


@lru_cache(maxsize=1)
def model() -> Model:
    """Load the weights once."""
    with np.load(io.BytesIO((files(__package__) / WEIGHTS).read_bytes()), allow_pickle=False) as saved:
        names = saved["classes"].tolist()
        return thaw(names, saved["buckets"], saved["weights"], saved["unit"], saved["bias"])


def known(chunk: Chunk, rows: Rows) -> tuple[Known, Places]:
    """Known n-grams of normalised lines in the order of the lines, and the number of words of each line."""
    words = tokens(chunk.joined)
    seen = list(grams_of(words, chunk.spans, rows))
    bucket, first, last, line = (
        np.concatenate([getattr(one, name) for one in seen]) for name in ("bucket", "first", "last", "line")
    )
    size = sizes(words, chunk.joined)
    order = np.argsort(line.astype(np.min_scalar_type(len(size))), kind="stable")  # short numbers sort by counting
    if size.max(initial=0) > LONG:
        order = _once(order, line, bucket, size)
    return Known(bucket[order], first[order], last[order], line[order], words), size


def _once(order: Places, line: Places, bucket: Places, size: Places) -> Places:
    """Leave out what a long text repeats, or ten thousand times the same word would outweigh all else."""
    repeated = np.flatnonzero(size[line[order]] > LONG)
    _, kept = np.unique(line[order[repeated]] * BUCKETS + bucket[order[repeated]], return_index=True)
    stays = np.ones(len(order), np.bool_)
    stays[repeated] = False
    stays[repeated[kept]] = True
    return order[stays]


def sizes(words: Tokens, joined: str) -> Places:
    """The number of words of each line, by whose root its sums are scaled."""
    return np.bincount(words.line[~words.stop], minlength=joined.count("\n"))


def detect(which: Known, totals: Places, weights: Floats, bias: Floats) -> Floats:
    """Scores, shape (texts, classes + sides): sums of weights over the root of the number of words."""
    from scipy.sparse import csr_matrix  # costs import time, wanted only where texts are read

    ends = np.concatenate(([0], np.cumsum(np.bincount(which.line, minlength=len(totals)))))
    ones = np.ones(len(which.row), np.float32)
    table = csr_matrix((ones, which.row, ends), shape=(len(totals), len(weights)))
    sums = np.asarray(table @ weights, np.float32)
    return (sums / np.sqrt(np.maximum(totals, 1), dtype=np.float32)[:, None] + bias).astype(np.float32)


def beliefs(scores: Floats) -> Floats:
    """Shares of belief in each class, shape (texts, classes)."""
    odds = np.exp(TEMPER * (scores - scores.max(axis=1, keepdims=True)))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)
