"""Both readers' findings joined: the class believed most, what else the rules heard, and the words that decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.beside import odds_beside, ordered, told_beside
from geoservice.intake.classify.decide import UNCLEAR, Verdict
from geoservice.intake.classify.model import Floats, Known, Model, beliefs, detect, known, model, parted
from geoservice.intake.classify.scan import Chunk, TextReading

BELIEVED = 0.1  # below this nothing is said to decide
PUSH = 0.3  # what a rule that is sure of a text it knows adds to its class; by cross-writer validation
SURE = 0.7  # a rule's confidence from which it is told apart
UNDERSTOOD = 0.8  # share of a text in known phrases from which a rule knows it
TERSE = 0.3  # share of a text in the deciding phrase
WARY = 0.07  # what NON_NETWORK must be ahead by, for such texts leave the system; by cross-writer validation
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
    readings, classes = chunk.readings, learnt.classes
    which, totals = known(chunk, learnt)
    scores, leanings, anywhere = parted(detect(which, totals, learnt), learnt)
    believed = scores + _pushes(chunk, learnt)
    shares, best = beliefs(believed), believed.argmax(axis=1)
    odds = odds_beside(readings, which.words, scores, anywhere, best, classes)
    primary = ordered(odds, scores, believed, best, classes)
    others = told_beside(odds, best, primary, classes)
    codes = [classes[column] for column in primary.tolist()]
    trusted = shares.max(axis=1).astype(float).round(2).tolist()
    quotes = [
        _quoted(chunk, reading) if code == reading.line.verdict.primary else ""
        for reading, code in zip(readings, codes, strict=True)
    ]
    silent = [place for place, quote in enumerate(quotes) if not quote]
    phrases = _phrases(chunk.joined, which, learnt, primary, silent)
    heard, wordy = (which.ends[1:] > which.ends[:-1]).tolist(), (totals >= WORDY).tolist()
    for place, (reading, code, leaning) in enumerate(zip(readings, codes, leanings.tolist(), strict=True)):
        rule = reading.line.verdict
        if code == UNCLEAR and wordy[place] and rule.confidence >= SURE:
            yield Judged(rule, _quoted(chunk, reading), leaning)
        elif code == UNCLEAR or not heard[place] or trusted[place] < BELIEVED:
            yield Judged(NOTHING, "", leaning)
        else:
            verdict = Verdict(code, others.get(place, ()), None, 0, trusted[place])
            yield Judged(verdict, quotes[place] or phrases[place], leaning)


def _pushes(chunk: Chunk, learnt: Model) -> Floats:
    """What the rules and wariness add to the scores, shape (texts, classes)."""
    column = {code: place for place, code in enumerate(learnt.classes)}
    pushed = np.zeros((len(chunk.readings), len(column)), np.float32)
    if "NON_NETWORK" in column:
        pushed[:, column["NON_NETWORK"]] = -WARY
    for place, reading in enumerate(chunk.readings):
        primary = reading.line.verdict.primary
        if primary in column and _decisive(chunk, reading):
            pushed[place, column[primary]] += PUSH
    return pushed


def _decisive(chunk: Chunk, reading: TextReading) -> bool:
    """Whether a text says a known phrase and hardly more, or is built in a known way, or only tells what is over."""
    line, rule = reading.line, reading.line.verdict
    if rule.primary == UNCLEAR:
        return bool(line.resolved and line.said)
    if rule.confidence < SURE:
        return False
    if rule.words and rule.primary != "NON_NETWORK":  # what is named there is often only mentioned
        return True
    deciding = rule.deciding
    if deciding is not None:
        extent = chunk.ends[reading.first + deciding.end] - chunk.starts[reading.first + deciding.start]
        if extent >= TERSE * max(1, reading.letters):
            return True
    return reading.known >= UNDERSTOOD * max(1, reading.letters)


def _quoted(chunk: Chunk, reading: TextReading) -> str:
    """The words a rule rests on: one finding, or from the first to the last word."""
    rule = reading.line.verdict
    if rule.deciding is not None:
        return chunk.words(reading, rule.deciding.start, rule.deciding.end)
    spans = chunk.places(reading, rule.words) if rule.words else []
    return chunk.joined[spans[0][0] : spans[-1][1]] if spans else ""


def _phrases(joined: str, which: Known, learnt: Model, best: NDArray[np.int64], texts: Sequence[int]) -> dict[int, str]:
    """The run of words in one clause that speaks most for the winning class, of some texts."""
    from geoservice.intake.classify.kernels import best_runs

    some, words = np.array(texts, np.int64), which.words
    layers, weights = which.layers, (learnt.whole, learnt.unit)
    places = (layers.first, layers.last, words.stop, layers.bounds[0])
    first, last = best_runs(some, best[some], which.grams, which.ends, *weights, *places).T
    said = last >= first
    start, end = words.start[first[said]].tolist(), words.end[last[said]].tolist()
    found = dict.fromkeys(texts, "")
    return found | {text: joined[a:b] for text, a, b in zip(some[said].tolist(), start, end, strict=True)}
