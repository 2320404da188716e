"""Who hears whom: which way speech is lost in a call that is silent one way.

A text is reduced to the parts that words play in a call (``roles.toml``: me, the other, to hear, not to hear, my
voice, …); a linear machine weighs runs and pairs of parts. It is learnt from each labelled text twice, as it stands
and with the two persons exchanged and the answer turned round, for the matter is symmetric.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import tokens
from geoservice.intake.classify.lexicon import read_toml
from geoservice.intake.classify.senses import Phrases, kinds_of, stable_hash, tables

ROLES = "roles.toml"
LONGEST = 4  # parts in a run
MOST = 120  # parts of a text that are looked at
GAPS = (2, 3)  # parts between the two of a pair, and one
EXCHANGED = (("ME", "PEER"), ("MYVOICE", "PEERVOICE"), ("IN", "OUT"), ("MINE", "THEIRS"))
# Parts asked of one side only; in the exchanged text they must not count against themselves.
ONE_SIDED = ("ASK", "NOBODY")
CORE = (
    "ME", "PEER", "DEAF", "HEAR", "SILENT", "MYVOICE", "PEERVOICE", "NOT", "REACH", "BOTH", "NOBODY", "AUDIBLE",
    "INAUDIBLE", "IN", "OUT", "MINE", "THEIRS", "ASK", "SAY",
)  # fmt: skip
_STOP, _EDGE = 0, 1  # numbers below those of parts: a clause's end, and its edges in a run
_BITS = 6  # of a part's number
_RUN, _PAIR, _CORE = 1, 2, 5  # kinds of keys; a pair's is one more for a wider gap

Parts = list[int]


class Roles(NamedTuple):
    """The parts' phrases, the number of each part by its phrases' hash, and what the exchange makes of each.

    ``core`` are the parts that are told through clauses, ``both`` and ``lost`` what says that no one hears.
    """

    phrases: Phrases
    number: dict[int, int]
    other: dict[int, int]
    core: frozenset[int]
    both: int
    lost: frozenset[int]


@dataclass(frozen=True, slots=True)
class Ear:
    """What was learnt: a weight for each run or pair of parts; above zero the other side hears nothing."""

    weights: dict[int, float]
    bias: float


@lru_cache(maxsize=1)
def roles() -> Roles:
    """Load the lists once."""
    names = list(read_toml(ROLES))
    number = {name: place for place, name in enumerate(names, _EDGE + 1)}
    other = {number[a]: number[b] for pair in EXCHANGED for a, b in (pair, pair[::-1])}
    other |= {number[name]: len(names) + _EDGE + 1 + place for place, name in enumerate(ONE_SIDED)}
    core = frozenset(number[name] for name in CORE)
    hashes = {stable_hash(f"kind {name}"): number[name] for name in names}
    core |= {other[number[name]] for name in ONE_SIDED}
    lost = frozenset((number["DEAF"], number["SILENT"]))
    return Roles(tables(ROLES), hashes, other, core, number["BOTH"], lost)


def parts_of(lines: Sequence[str]) -> list[Parts]:
    """The parts named in each normalised line, and the ends of its clauses; no more than ``MOST`` of them."""
    found = tokens("\n".join(lines) + "\n")
    _, word = kinds_of(found, roles().phrases)
    told = np.flatnonzero((word != found.word) | found.stop)
    sequences: list[Parts] = [[] for _ in lines]
    number = roles().number
    parts = zip(word[told].tolist(), found.stop[told].tolist(), found.line[told].tolist(), strict=True)
    for hashed, stop, line in parts:
        if line >= 0:
            sequences[line].append(_STOP if stop else number[hashed])
    return [parts[:MOST] for parts in sequences]


def exchanged(parts: Parts) -> Parts:
    """The same with the two persons exchanged."""
    return [roles().other.get(part, part) for part in parts]


def _clauses(parts: Parts) -> Iterator[Parts]:
    clause = [_EDGE]
    for part in (*parts, _STOP):
        if part != _STOP:
            clause.append(part)
        elif len(clause) > 1:
            yield [*clause, _EDGE]
            clause = [_EDGE]


def _runs(parts: Parts, key: int, shortest: int) -> Iterator[int]:
    """Keys of the runs of parts, told from other keys by their first digit."""
    for place in range(len(parts)):
        run = key
        for size, part in enumerate(parts[place : place + LONGEST], 1):
            run = run << _BITS | part
            if size >= shortest:
                yield run


def keys_of(parts: Parts) -> set[int]:
    """Runs and pairs of parts inside clauses, and runs of the core parts through the whole text."""
    keys, core = set[int](), roles().core
    for clause in _clauses(parts):
        keys.update(_runs(clause, _RUN, 1))
        for kind, gap in enumerate(GAPS, _PAIR):
            keys.update([(kind << _BITS | one) << _BITS | far for one, far in zip(clause, clause[gap:], strict=False)])
    told = [part for part in parts if part in core]
    keys.update(_runs([part for part, _ in itertools.groupby(told)], _CORE, 2))
    return keys


def leaning(parts: Parts, ear: Ear) -> float:
    """Above zero if the other side hears nothing, below if the customer does; zero if nothing tells."""
    keys = keys_of(parts)
    known = [ear.weights[key] for key in keys if key in ear.weights]
    return sum(sorted(known)) / len(keys) ** 0.5 + ear.bias if known else 0.0


def neither(parts: Parts) -> bool:
    """Whether both sides are said to hear nothing: "neither of us heard", "两头都没声音"."""
    both, lost = roles().both, roles().lost
    return any({one, next_one} & {both} and {one, next_one} & lost for one, next_one in itertools.pairwise(parts))


def learn_ear(lines: Sequence[str], uplink: NDArray[np.bool_]) -> Ear:
    """Learn from texts silent one way; ``uplink`` says which of them the other side does not hear."""
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    told = list(zip(parts_of(lines), uplink.tolist(), strict=True))
    told += [(exchanged(parts), not way) for parts, way in told]
    keys = [sorted(keys_of(parts)) for parts, _ in told]
    known = sorted(set().union(*keys))
    column = {key: place for place, key in enumerate(known)}
    ends = np.cumsum([0, *map(len, keys)])
    values = np.concatenate([np.full(len(own), len(own) ** -0.5) for own in keys])
    table = csr_matrix((values, [column[key] for own in keys for key in own], ends), shape=(len(keys), len(known)))
    machine = LinearSVC(C=1.0, random_state=0, class_weight="balanced").fit(table, [way for _, way in told])
    weights = dict(zip(known, np.round(machine.coef_[0], 3).tolist(), strict=True))
    return Ear({key: weight for key, weight in weights.items() if weight}, float(machine.intercept_[0]))
