"""Both readers' findings joined: the class believed most, what else the rules heard, and the words that decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.decide import UNCLEAR, Verdict, decide
from geoservice.intake.classify.model import Known, Vote, detect, known, model, probabilities, push_of, vote_of
from geoservice.intake.classify.scan import TextReading

BELIEVED = 0.2  # below this nothing is said to decide


def judge(joined: str, readings: Sequence[TextReading]) -> Iterator[tuple[Verdict, str]]:
    """The verdict of each line of ``joined`` and the part of the line that decided.

    Parameters
    ----------
    joined : normalised texts, one a line, every line ended.
    readings : what the rules' scan found in each.
    """
    said = [decide(reading.said, reading.concepts, reading.resolved) for reading in readings]
    which, totals = known(joined, model().row)
    votes = [vote_of(reading, one) for reading, one in zip(readings, said, strict=True)]
    distinct: dict[Vote, int] = {}
    which_vote = [distinct.setdefault(vote, len(distinct)) for vote in votes]
    pushed = np.stack([push_of(vote) for vote in distinct])[which_vote]
    shares = probabilities(detect(which, totals, model().weights, model().bias), pushed)
    best = shares.argmax(axis=1)
    codes = [model().classes[column] for column in best.tolist()]
    beliefs = shares.max(axis=1).astype(float).round(2).tolist()
    heard = (np.bincount(which.line, minlength=len(said)) > 0).tolist()
    phrases = Phrases(which, best, len(said))
    for place, (reading, rule, vote) in enumerate(zip(readings, said, votes, strict=True)):
        share, code = beliefs[place], codes[place]
        unsaid = code == UNCLEAR or share < BELIEVED
        if vote.decisive or (unsaid and vote.sure):
            yield rule, _quoted(joined, reading, rule)
        elif unsaid or _is_over(reading, rule) or not heard[place]:
            yield Verdict(UNCLEAR, (), None, 0, 0.0), ""
        elif code == rule.primary:
            yield Verdict(code, rule.secondary, None, 0, share), _quoted(joined, reading, rule)
        else:
            secondary = _others(code, rule)
            yield Verdict(code, secondary, None, 0, share), phrases.of(joined, place)


def _is_over(reading: TextReading, rule: Verdict) -> bool:
    """Whether all that was said is said to be mended."""
    return rule.primary == UNCLEAR and bool(reading.resolved and reading.said)


def _others(code: str, rule: Verdict) -> tuple[str, ...]:
    """The rules' further classes, in the order of the handbook; their primary class lost and is none of them."""
    return tuple(other for other in rule.secondary if other != code)


def _quoted(joined: str, reading: TextReading, verdict: Verdict) -> str:
    """The words a rule rests on: one finding, or from the first to the last word."""
    if verdict.deciding is not None:
        return joined[verdict.deciding.start : verdict.deciding.end]
    spans = reading.spans_of(verdict.words) if verdict.words else []
    return joined[spans[0][0] : spans[-1][1]] if spans else ""


class Phrases:
    """Where in each text the weights of the winning class lie."""

    def __init__(self, which: Known, best: NDArray[np.int64], count: int) -> None:
        self.words = which.words
        self.begins = np.searchsorted(which.words.line, np.arange(count + 1))
        weight = model().weights[which.row, best[which.line]].astype(float)
        middle = which.last - which.first + 1
        share = weight / middle
        size = len(which.words.word) + 1
        total = np.bincount(which.first, share, size) - np.bincount(which.last + 1, share, size)
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
