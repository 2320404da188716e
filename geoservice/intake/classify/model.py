"""The statistical reader: scores of hashed n-grams, joined with what the rules found.

Two linear layers. The first gives each class the sum of the weights of the text's n-grams (one detector a class,
linear support vector machines). The second, learnt on texts by hands the first had not met, weighs the detectors
against each other and against the verdict of the rules, and so learns the order of the handbook and how far
each rule may be trusted.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.decide import Verdict
from geoservice.intake.classify.features import BUCKETS, Places, Tokens, grams, lines_of, tokens
from geoservice.intake.classify.scan import TextReading

Floats = NDArray[np.float32]
WEIGHTS = "weights.npz"
SURE = 0.7  # a rule's confidence from which it is told apart
KNOWN = (0.5, 0.8)  # shares of a text in known phrases
LONG = 80  # words of a text from which an n-gram counts once
TERSE = 0.3  # share of a text in the deciding phrase


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of both layers.

    Attributes
    ----------
    classes : class codes in the order of all columns.
    row : row of ``weights`` for each bucket, 0 (a row of zeros) where the n-gram is not known, shape (BUCKETS,).
    weights : first layer, shape (known + 1, classes); ``bias`` shape (classes,).
    mix : second layer on the detectors, shape (classes, classes); ``mix_bias`` shape (classes,).
    votes : second layer on the rules, shape (names of votes, classes); see :class:`Vote`.
    """

    classes: tuple[str, ...]
    row: NDArray[np.int32]
    weights: Floats
    bias: Floats
    mix: Floats
    mix_bias: Floats
    votes: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Known:
    """The known n-grams of some texts: rows of ``Model.weights``, and the words and text each one covers."""

    row: Places
    first: Places
    last: Places
    line: Places
    words: Tokens


class Vote(NamedTuple):
    """What the rules say of a text, coarse enough to be remembered.

    Attributes
    ----------
    primary, secondary : classes of the rules' verdict.
    sure : whether the rules' confidence is ``SURE``.
    known : half and most of the text understood: 0, 1, 2.
    terse : whether the deciding words are a good part of the text.
    built : whether words far apart decided together ("except" and "lift"), which n-grams cannot see.
    """

    primary: str
    secondary: tuple[str, ...]
    sure: bool
    known: int
    terse: bool
    built: bool

    @property
    def decisive(self) -> bool:
        """A text that says a known phrase and hardly more, or is built in a known way, needs no weighing."""
        return self.sure and (self.built or self.terse or self.known == len(KNOWN))

    def names(self) -> list[str]:
        """The vote as inputs of the second layer."""
        grades = [f"known {grade}" for grade in range(self.known + 1)] + ["terse"] * self.terse
        told = [f"{word} {self.primary}" for word in grades] if self.sure else [f"unsure {self.primary}"]
        return [*told, *(f"also {code}" for code in self.secondary)]


def vote_of(reading: TextReading, verdict: Verdict) -> Vote:
    """Condense what the rules found in a text."""
    letters = max(1, reading.letters)
    understood = sum(end - start for start, end in reading.spans) / letters
    deciding = verdict.deciding
    terse = deciding is not None and (deciding.end - deciding.start) / letters >= TERSE
    known_part = sum(understood >= least for least in KNOWN)
    built = verdict.words > 0 and verdict.primary != "NON_NETWORK"  # what is named there is often only mentioned
    return Vote(verdict.primary, verdict.secondary, verdict.confidence >= SURE, known_part, terse, built)


def freeze(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Weights as whole numbers -127...127 and the unit of each column."""
    unit = np.abs(weights).max(axis=0).clip(1e-9) / 127
    return np.rint(weights / unit).astype(np.int8), unit.astype(np.float32)


@lru_cache(maxsize=1)
def model() -> Model:
    """Load the weights once."""
    with np.load(io.BytesIO((files(__package__) / WEIGHTS).read_bytes()), allow_pickle=False) as saved:
        content = {name: saved[name] for name in saved.files}
    row = np.zeros(BUCKETS, np.int32)
    row[content["buckets"]] = np.arange(1, len(content["buckets"]) + 1)
    first = content["weights"].astype(np.float32) * content["unit"]
    return Model(
        classes=tuple(content["classes"].tolist()),
        row=row,
        weights=np.vstack((np.zeros_like(first[:1]), first)),
        bias=content["bias"],
        mix=content["mix"],
        mix_bias=content["mix_bias"],
        votes=dict(zip(content["vote_names"].tolist(), content["votes"], strict=True)),
    )


def known(joined: str, row: NDArray[np.int32]) -> tuple[Known, Places]:
    """Known n-grams of normalised lines in the order of the lines, and the number of words of each line."""
    words = tokens(joined)
    found = grams(words, row)
    line = lines_of(words, found)
    size = sizes(words, joined)
    order = np.argsort(line, kind="stable")
    if size.max(initial=0) > LONG:
        order = _once(order, line, found.bucket, size)
    return Known(found.bucket[order], found.first[order], found.last[order], line[order], words), size


def _once(order: Places, line: Places, bucket: Places, size: Places) -> Places:
    """Leave out what a long text repeats, or ten thousand times the same word would outweigh all else."""
    repeated = np.flatnonzero(size[line[order]] > LONG)
    _, kept = np.unique(line[order[repeated]] * BUCKETS + bucket[order[repeated]], return_index=True)
    stays = np.ones(len(order), np.bool_)
    stays[repeated] = False
    stays[repeated[kept]] = True
    return order[stays]


def sizes(words: Tokens, joined: str) -> Places:
    """The number of words of each line, by which its sums are scaled."""
    return np.bincount(words.line[~words.stop], minlength=joined.count("\n"))


def detect(which: Known, totals: Places, weights: Floats, bias: Floats) -> Floats:
    """Scores of the detectors, shape (texts, classes): sums of weights over the root of the number of words."""
    from scipy.sparse import csr_matrix  # costs import time, wanted only where texts are read

    ends = np.concatenate(([0], np.cumsum(np.bincount(which.line, minlength=len(totals)))))
    ones = np.ones(len(which.row), np.float32)
    table = csr_matrix((ones, which.row, ends), shape=(len(totals), len(weights)))
    sums = np.asarray(table @ weights, np.float32)
    return (sums / np.sqrt(np.maximum(totals, 1), dtype=np.float32)[:, None] + bias).astype(np.float32)


@lru_cache(maxsize=4096)
def push_of(vote: Vote) -> Floats:
    """What the rules' verdict adds to the scores, shape (classes,)."""
    votes = model().votes
    said = [votes[name] for name in vote.names() if name in votes]
    return functools.reduce(np.add, said, np.zeros_like(model().mix_bias))


def probabilities(detected: Floats, pushed: Floats) -> Floats:
    """Shares of belief in each class, shape (texts, classes)."""
    # Rows by einsum, not by a matrix product: the result of a text must not depend on its neighbours.
    scores = np.einsum("nd,dc->nc", detected, model().mix) + model().mix_bias + pushed
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)
