"""What a clause says: from the sequence of its words' meanings to findings.

A clause is known by its sequence of meanings alone, so its reading is remembered: complaints are
worded differently but built alike, and most clauses are read once.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geoservice.intake.classify.lexicon import GAP, Lexicon, lexicon, read_toml

REACH = 3  # a denial governs a verb at most this many known words ahead
REMEMBERED = 100_000


class Finding(NamedTuple):
    """A class said, and the words (first, last) of the clause that say it; ``past`` if said of former times."""

    code: str
    first: int
    last: int
    past: bool = False


class Reading(NamedTuple):
    """All a clause says: findings, the concepts in it that stand, and the subject to carry on."""

    findings: tuple[Finding, ...]
    concepts: int
    subject: int


class Word(NamedTuple):
    """What a meaning can say in a clause."""

    settled: tuple[str, ...]  # classes it settles alone
    states: tuple[dict[int | None, str], ...]  # classes of each of its states, by subject
    ahead: bool  # whether its subject is sought after it first
    denies: bool
    speaks: bool  # whether any of this holds


@dataclass(frozen=True, slots=True)
class Grammar:
    """``rules.toml`` with concepts as bits; ``words`` and ``masks`` of each meaning."""

    subjects: int
    faint: int
    events: int
    deny_next: int
    denied: tuple[tuple[int, str], ...]
    deniable: int
    open: dict[str, dict[int | None, str]]
    bit: dict[str, int]
    masks: tuple[int, ...]
    words: tuple[Word, ...]


def _by_subject(words: Lexicon, meanings: dict[str, str]) -> dict[int | None, str]:
    return {None if subject == "-" else words.bit[subject]: code for subject, code in meanings.items()}


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """Load the rules once."""
    words, rules = lexicon(), read_toml("rules.toml")
    lists = {name: words.mask(" ".join(concepts)) for name, concepts in rules["words"].items()}
    states = {words.bit[name]: _by_subject(words, table) for name, table in rules["state"].items()}
    denied = tuple((words.bit[name], code) for name, code in rules["denied"].items())
    classes = {words.bit[code]: code for code in rules["order"] if code in words.bit}
    deny_next = words.mask("NO NOT")
    return Grammar(
        subjects=lists["subjects"],
        faint=lists["faint"],
        events=lists["events"],
        deny_next=deny_next,
        denied=denied,
        deniable=sum(bit for bit, _ in denied),
        open={code: _by_subject(words, table) for code, table in rules["open"].items()},
        bit=words.bit,
        masks=words.masks,
        words=tuple(_word(mask, classes, states, lists["ahead"], deny_next) for mask in words.masks),
    )


def _word(
    mask: int, classes: dict[int, str], states: dict[int, dict[int | None, str]], ahead: int, deny_next: int
) -> Word:
    settled = tuple(code for bit, code in classes.items() if mask & bit)
    stated = () if settled else tuple(table for bit, table in states.items() if mask & bit)
    denies = not settled and not stated and bool(mask & deny_next)
    return Word(settled, stated, bool(mask & ahead), denies, bool(settled or stated or denies))


class _Clause:
    """One clause while it is being read."""

    def __init__(self, rules: Grammar, meanings: Sequence[int], carried: int) -> None:
        self.rules = rules
        self.meanings = list(meanings)
        self.masks = [rules.masks[meaning] for meaning in meanings]
        self.carried = carried
        self.past = [False] * len(self.masks)
        self.concepts = functools.reduce(operator.or_, self.masks, 0)

    def _silence(self, begin: int, end: int) -> None:
        self.masks[begin:end] = [0] * (end - begin)
        self.meanings[begin:end] = [GAP] * (end - begin)

    def silence_denied(self) -> None:
        """Strike out what is said not to be: "不是没信号", "calls don't drop", and all after "it is not that"."""
        rules, masks = self.rules, self.masks
        deny = rules.bit["DENY"]
        if not self.concepts & (deny | rules.deny_next):
            return
        for place, mask in enumerate(masks):
            if mask & deny:
                self._silence(place + 1, len(masks))
            elif mask & rules.deny_next and place + 1 < len(masks) and masks[place + 1] & rules.events:
                self._silence(place, place + 2)
        self.concepts = functools.reduce(operator.or_, masks, 0)

    def mark_past(self) -> None:
        """What follows "before" and precedes "now" is of former times."""
        if not self.concepts & self.rules.bit["PAST"]:
            return
        past = False
        for place, mask in enumerate(self.masks):
            past = (past or bool(mask & self.rules.bit["PAST"])) and not mask & self.rules.bit["NOW"]
            self.past[place] = past

    def subject(self, place: int, ahead: bool) -> int:
        """The bit of the subject nearest to a state; in doubt the one before it, or after it if ``ahead``."""
        best, best_distance = 0, 1e9
        if not self.concepts & self.rules.subjects:
            return self.carried
        for other, mask in enumerate(self.masks):
            named = mask & self.rules.subjects
            if not named:
                continue
            distance = abs(other - place) + 0.5 * ((other > place) != ahead) + 50 * (not named & ~self.rules.faint)
            if distance < best_distance:
                best, best_distance = named, distance
        return best or self.carried

    def look_up(self, table: dict[int | None, str], place: int, ahead: bool) -> str:
        """The class a state means for its subject."""
        subject = self.subject(place, ahead)
        for bit, code in table.items():
            if bit is not None and bit & subject:
                return code
        return table.get(None, "")

    def findings(self) -> Iterator[Finding]:
        """Everything the clause says."""
        words = self.rules.words
        for place, meaning in enumerate(self.meanings):
            word = words[meaning]
            if not word.speaks:
                continue
            for code in word.settled:
                yield Finding(code, place, place, self.past[place])
            for table in word.states:
                if code := self.look_up(table, place, word.ahead):
                    yield Finding(code, place, place, self.past[place])
            if word.denies:
                yield from self._denial(place)

    def _denial(self, place: int) -> Iterator[Finding]:
        ahead = range(place + 1, min(place + 1 + REACH, len(self.masks)))
        final = place > 0 and place == len(self.masks) - 1 and self.masks[place] & self.rules.bit["NO"]
        behind = next((other for other in (place - 1, place - 2) if other >= 0 and self.masks[other]), None)
        for other in (*ahead, *((behind,) if final and behind is not None else ())):
            if not self.masks[other] & self.rules.deniable:
                continue
            code = next(code for bit, code in self.rules.denied if self.masks[other] & bit)
            if code in self.rules.open:
                code = self.look_up(self.rules.open[code], other, ahead=False)
            if code:
                yield Finding(code, min(place, other), max(place, other), self.past[other])
            return
        if self.masks[place] & self.rules.bit["NO"]:  # "fine outside, nothing inside"
            yield Finding("ANY?", place, place, self.past[place])

    def last_subject(self) -> int:
        """The subject the next clause inherits."""
        if not self.concepts & self.rules.subjects:
            return self.carried
        named = [mask & self.rules.subjects for mask in self.masks if mask & self.rules.subjects]
        plain = [mask for mask in named if mask & ~self.rules.faint]
        return (plain or named)[-1]


@lru_cache(maxsize=REMEMBERED)
def read_clause(meanings: tuple[int, ...], carried: int) -> Reading:
    """Read one clause.

    Parameters
    ----------
    meanings : positions in ``Lexicon.masks``, in the order of the words.
    carried : bits of the subject of the clause before, for clauses that name none.
    """
    clause = _Clause(grammar(), meanings, carried)
    clause.silence_denied()
    clause.mark_past()
    return Reading(tuple(clause.findings()), clause.concepts, clause.last_subject())
