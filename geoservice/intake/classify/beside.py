"""Which further classes a text complains of beside the one believed most, and when one of them goes before it.

The machines of ``Model`` that look for a class *anywhere* in a text are weighed against those that look for the
*primary* class, with what the rules heard: a logistic function, its factors fitted on texts of writers left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.decide import UNCLEAR, rules
from geoservice.intake.classify.features import Tokens
from geoservice.intake.classify.scan import TextReading

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

# Factors of the log-odds that a class is complained of beside the primary one.
ANYWHERE, PRIMARY = 10.8, -6.1  # scores of its two machines
SECOND, FIRST = 2.3, 1.15  # the rules name it as a further class, as the primary one
UNDERSTOOD, KNOWN = 9.0, 0.8  # a further class in a text of which the rules know this share
CLAUSE = -0.42  # each clause of the text
INDOORS, BILLED = 1.3, -2.3  # the class is INDOOR_COVERAGE; the primary class is NON_NETWORK
ALONE = -1.3
NEVER = -0.85  # a score for anywhere below which a class the rules do not name is not asked for
TOLD = -0.85  # log-odds from which it is told: three in ten
BEFORE = -0.62  # log-odds from which it may go before the primary class: 35 in a hundred
NEAR = 0.8  # by how much its score may be less
# Classes that say where or with what it fails: another symptom beside them changes nothing about the order.
SETTING = ("ROAMING", "TERMINAL_SIM", "INDOOR_COVERAGE")


@lru_cache(maxsize=4)
def _ranks(classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Place of each class in the order of the handbook (section 2 rule 6)."""
    order = rules().order
    return np.array([order.index(code) if code in order else len(order) for code in classes])


def _named(readings: Sequence[TextReading], classes: tuple[str, ...]) -> Floats:
    """What the rules' naming a class adds, shape (texts, classes)."""
    column = {code: place for place, code in enumerate(classes)}
    named = np.zeros((len(readings), len(classes)), np.float32)
    for place, reading in enumerate(readings):
        rule = reading.line.verdict
        if rule.primary == UNCLEAR:
            continue
        named[place, column[rule.primary]] = FIRST
        second = UNDERSTOOD if reading.known >= KNOWN * reading.letters else SECOND
        for code in rule.secondary:
            named[place, column[code]] = second
    return named


def _clauses(words: Tokens, texts: int) -> NDArray[np.int64]:
    """The number of clauses of each text."""
    begins = np.flatnonzero(~words.stop[1:] & words.stop[:-1]) + 1
    return np.bincount(words.line[begins], minlength=texts)


def odds_beside(
    readings: Sequence[TextReading],
    words: Tokens,
    scores: Floats,
    anywhere: Floats,
    best: NDArray[np.int64],
    classes: tuple[str, ...],
) -> Floats:
    """Log-odds that each class is complained of beside the primary one, shape (texts, classes); −∞ for that one.

    Parameters
    ----------
    scores, anywhere : of the machines for the primary class and for a class anywhere, shape (texts, classes).
    best : the primary class of each text, shape (texts,).
    """
    named = _named(readings, classes)
    odds = ANYWHERE * anywhere + PRIMARY * scores + named + ALONE
    odds += CLAUSE * _clauses(words, len(best))[:, None] + BILLED * (best == classes.index("NON_NETWORK"))[:, None]
    odds[:, classes.index("INDOOR_COVERAGE")] += INDOORS
    odds[(anywhere < NEVER) & (named == 0)] = -np.inf
    odds[np.arange(len(best)), best] = -np.inf
    odds[:, classes.index(UNCLEAR)] = odds[best == classes.index(UNCLEAR)] = -np.inf
    return odds


def ordered(
    odds: Floats, scores: Floats, believed: Floats, best: NDArray[np.int64], classes: tuple[str, ...]
) -> NDArray[np.int64]:
    """The primary class of each text where another symptom of about the same weight goes before it, shape (texts,).

    Parameters
    ----------
    odds : of :func:`odds_beside`.
    scores, believed : of the machines alone and with what the rules add, shape (texts, classes).
    """
    ranks, symptom = _ranks(classes), np.array([code not in SETTING for code in classes])
    rows = np.arange(len(best))
    likely = (odds > BEFORE) & (ranks < ranks[best][:, None]) & (believed[rows, best][:, None] - scores <= NEAR)
    likely &= symptom & symptom[best][:, None]
    first = np.where(likely, ranks, np.iinfo(np.int64).max).argmin(axis=1)
    return np.where(likely.any(axis=1), first, best)


def told_beside(
    odds: Floats, best: NDArray[np.int64], primary: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[int, tuple[str, ...]]:
    """The further classes of the texts that have any, in the order of the handbook."""
    told = odds > TOLD
    rows = np.flatnonzero(primary != best)
    told[rows, best[rows]] = True
    told[rows, primary[rows]] = False
    order = np.argsort(_ranks(classes), kind="stable")
    found: dict[int, tuple[str, ...]] = {}
    for text, column in zip(*(part.tolist() for part in np.nonzero(told[:, order])), strict=True):
        found[text] = (*found.get(text, ()), classes[order[column]])
    return found
