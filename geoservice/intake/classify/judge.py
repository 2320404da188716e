"""Both readers' findings joined: the class believed most, what else the rules heard, and the words that decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.decide import UNCLEAR, Verdict, decide
from geoservice.intake.classify.model import Floats, Known, Model, beliefs, detect, known, model
from geoservice.intake.classify.scan import Chunk, TextReading

BELIEVED = 0.1  # below this nothing is said to decide
PUSH = 0.3  # what a rule that is sure of a text it knows adds to its class; by cross-writer validation
SURE = 0.7  # a rule's confidence from which it is told apart
UNDERSTOOD = 0.8  # share of a text in known phrases from which a rule knows it
TERSE = 0.3  # share of a text in the deciding phrase
DENIED = -0.75  # a score below this says that a class a rule heard beside another is only mentioned
WORDY = 16  # words from which a rule's phrase may drown in politeness and place names


class Judged(NamedTuple):
    """A verdict, the part of the line that decided, and how far the line leans to the first of each side's ways."""

    verdict: Verdict
    phrase: str
    leaning: list[float]


NOTHING = Verdict(UNCLEAR, (), None, 0, 0.0)


def judge(chunk: Chunk, learnt: Model | None = None) -> Iterator[Judged]:
    """The verdict of each text with what it rests on.

    Parameters
    ----------
    chunk : texts with what the rules' scan found in them.
    learnt : the statistical reader; the committed one unless given.
    """
    learnt = learnt or model()
    joined, readings, _ = chunk
    said = [decide(reading.said, reading.concepts, reading.resolved) for reading in readings]
    which, totals = known(chunk, learnt.rows)
    scores = detect(which, totals, learnt.weights, learnt.bias)
    shares = beliefs(scores[:, : len(learnt.classes)] + _pushes(readings, said, learnt))
    leanings = scores[:, len(learnt.classes) :].tolist()
    best = shares.argmax(axis=1)
    codes = [learnt.classes[column] for column in best.tolist()]
    trusted = shares.max(axis=1).astype(float).round(2).tolist()
    heard = (np.bincount(which.line, minlength=len(said)) > 0).tolist()
    quotes = [
        _quoted(joined, reading, rule) if code == rule.primary else ""
        for reading, rule, code in zip(readings, said, codes, strict=True)
    ]
    phrases = Phrases(which, learnt, best, np.array([not quote for quote in quotes], np.bool_))
    wordy = (totals >= WORDY).tolist()
    for place, (reading, rule, code) in enumerate(zip(readings, said, codes, strict=True)):
        if code == UNCLEAR and wordy[place] and rule.confidence >= SURE:
            yield Judged(rule, _quoted(joined, reading, rule), leanings[place])
        elif code == UNCLEAR or not heard[place] or trusted[place] < BELIEVED:
            yield Judged(NOTHING, "", leanings[place])
        else:
            others = _others(code, rule, learnt.classes, scores[place]) if rule.secondary else ()
            verdict = Verdict(code, others, None, 0, trusted[place])
            yield Judged(verdict, quotes[place] or phrases.of(joined, place), leanings[place])


def _pushes(readings: Sequence[TextReading], said: Sequence[Verdict], learnt: Model) -> Floats:
    """What the rules add to the scores, shape (texts, classes)."""
    column = {code: place for place, code in enumerate(learnt.classes)}
    pushed = np.zeros((len(said), len(column)), np.float32)
    for place, (reading, rule) in enumerate(zip(readings, said, strict=True)):
        if rule.primary in column and _decisive(reading, rule):
            pushed[place, column[rule.primary]] = PUSH
    return pushed


def _decisive(reading: TextReading, rule: Verdict) -> bool:
    """Whether a text says a known phrase and hardly more, or is built in a known way, or only tells what is over."""
    if rule.primary == UNCLEAR:
        return bool(reading.resolved and reading.said)
    if rule.confidence < SURE:
        return False
    if rule.words and rule.primary != "NON_NETWORK":  # what is named there is often only mentioned
        return True
    letters = max(1, reading.letters)
    if rule.deciding is not None and rule.deciding.end - rule.deciding.start >= TERSE * letters:
        return True
    return sum([end - start for start, end in reading.spans]) >= UNDERSTOOD * letters


def _others(code: str, rule: Verdict, classes: Sequence[str], scores: Floats) -> tuple[str, ...]:
    """The rules' further classes that the weights do not deny, in the order of the handbook.

    Where the rules' primary class lost, it is none of them. That a place is indoors needs no weighing.
    """
    said = [other for other in rule.secondary if other != code]
    return tuple(other for other in said if other == "INDOOR_COVERAGE" or scores[classes.index(other)] > DENIED)


def _quoted(joined: str, reading: TextReading, verdict: Verdict) -> str:
    """The words a rule rests on: one finding, or from the first to the last word."""
    if verdict.deciding is not None:
        return joined[verdict.deciding.start : verdict.deciding.end]
    spans = reading.spans_of(verdict.words) if verdict.words else []
    return joined[spans[0][0] : spans[-1][1]] if spans else ""


class Phrases:
    """Where in each text that is ``wanted`` the weights of the winning class lie."""

    def __init__(self, which: Known, learnt: Model, best: NDArray[np.int64], wanted: NDArray[np.bool_]) -> None:
        self.words = which.words
        self.begins = np.searchsorted(which.words.line, np.arange(len(wanted) + 1))
        some = np.flatnonzero(wanted[which.line])
        first, last = which.first[some], which.last[some]
        share = learnt.weights[which.row[some], best[which.line[some]]].astype(float) / (last - first + 1)
        size = len(which.words.word) + 1
        total = np.bincount(first, share, size) - np.bincount(last + 1, share, size)
        self.value = np.where(which.words.stop, -np.inf, np.cumsum(total)[:-1])

    def of(self, joined: str, place: int) -> str:
        """The run of words in one clause with the greatest sum of weights beyond the mean of the text."""
        begin, end = self.begins[place], self.begins[place + 1]
        value = self.value[begin:end]
        spoken = np.isfinite(value)
        if not spoken.any():
            return ""
        first, last = _best_run((value - value[spoken].clip(0).mean()).tolist())
        return joined[self.words.start[begin + first] : self.words.end[begin + last]]


def _best_run(values: list[float]) -> tuple[int, int]:
    """First and last place of the run with the greatest sum (Kadane's algorithm, linear)."""
    best, first, last = -np.inf, 0, 0
    total, start = 0.0, 0
    for place, value in enumerate(values):
        if total <= 0:
            total, start = 0.0, place
        total += value
        if total > best:
            best, first, last = total, start, place
    return first, last
