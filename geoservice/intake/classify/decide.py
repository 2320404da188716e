"""From what the clauses of a text say to one classification: the order of the handbook, rule by rule."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geoservice.intake.classify.lexicon import lexicon, read_toml

UNCLEAR = "UNCLEAR"
REMEMBERED = 100_000
COVERAGE = frozenset({"NO_COVERAGE", "WEAK_SIGNAL"})
# Open meanings, to be settled by the rest of the text.
NET, ANY = "NET?", "ANY?"


class Said(NamedTuple):
    """A finding of one clause with its place in the text."""

    code: str
    clause: int
    start: int
    end: int
    past: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of ``rules.toml`` that looks at whole texts."""

    order: tuple[str, ...]
    combine: tuple[tuple[str, tuple[int, ...], int], ...]
    bare: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    bit: dict[str, int]
    inside: int
    relevant: int


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Load once."""
    words, table = lexicon(), read_toml("rules.toml")
    combine = tuple(
        (rule["class"], tuple(map(words.mask, rule["all"])), words.mask(" ".join(rule["none"])))
        for rule in table["combine"]
    )
    tags = tuple((tag["tag"], words.mask(" ".join(tag["any"]))) for tag in table["tag"])
    bare = tuple((rule["class"], words.mask(" ".join(rule["all"]))) for rule in table["bare"])
    inside = words.mask("INDOOR LIFT BASEMENT")
    relevant = inside | words.mask(" ".join(table["words"]["telling"]))
    for _, needed, barred in combine:
        relevant |= barred | functools.reduce(operator.or_, needed)
    relevant |= functools.reduce(operator.or_, (mask for _, mask in bare))
    return Rules(tuple(table["order"]), combine, bare, tags, words.bit, inside, relevant)


class Judgement(NamedTuple):
    """Primary class, the others, and the words that decided where no single finding did."""

    primary: str
    secondary: tuple[str, ...] = ()
    words: int = 0
    bare: bool = False


class Verdict(NamedTuple):
    """A judgement with the finding that decided it."""

    primary: str
    secondary: tuple[str, ...]
    deciding: Said | None
    words: int
    confidence: float


def _standing(said: Sequence[Said], resolved: Sequence[int]) -> list[Said]:
    """What holds today: nothing resolved since, nothing of former times unless nothing else is said."""
    if not resolved and not any(one.past for one in said):
        return list(said)
    after = max(resolved, default=-1)
    current = [one for one in said if one.clause > after or one.code == "NON_NETWORK"]
    now = [one for one in current if not one.past]
    return now or current


def _settle_open(codes: frozenset[str], concepts: int) -> set[str]:
    """Give "no network" and "does not work" a class from their surroundings."""
    bit = rules().bit
    data_near = concepts & (bit["FULL"] | bit["DATA"] | bit["CROWD"] | bit["SLOW"])
    place = concepts & (rules().inside | bit["TUNNEL"] | bit["ABROAD"])
    settled = {NET: "SLOW_DATA" if data_near else "NO_COVERAGE", ANY: "NO_COVERAGE" if place else ""}
    return {settled.get(code, code) for code in codes} - {""}


def _combined(concepts: int) -> dict[str, int]:
    """What words mean together: the classes, each with the words it rests on."""
    found = {}
    for code, needed, barred in rules().combine:
        if concepts & needed[0] and not concepts & barred and all(concepts & mask for mask in needed):
            found[code] = sum(set(needed))
    return found


def _unsaid(codes: set[str], concepts: int) -> set[str]:
    """Classes that another finding explains away."""
    bit, gone = rules().bit, set[str]()
    if "UNSTABLE_SIGNAL" in codes:  # what comes back was not absent
        gone |= {"NO_COVERAGE", "WEAK_SIGNAL"}
    if "NOT_IN_SERVICE_MSG" in codes:
        gone |= {"ACCESS_FAILURE", "ONE_WAY_AUDIO"} | ({"NO_COVERAGE"} if concepts & bit["FULL"] else set())
    if "ACCESS_FAILURE" in codes and concepts & bit["PREDIAL"]:  # ends before it began
        gone |= {"DROPPED_CALL"}
    if (
        concepts & bit["WIFI"]
        and "NON_NETWORK" in codes
        and not concepts & (bit["SIG"] | bit["FULL"] | bit["QUESTION"])
    ):
        gone |= {"SLOW_DATA", "DROPPED_CALL", "UNSTABLE_SIGNAL", "NO_COVERAGE", "ACCESS_FAILURE"}
    if concepts & bit["NOTTERMINAL"]:
        gone |= {"TERMINAL_SIM"}
    return gone


def _placed(codes: set[str], concepts: int) -> set[str]:
    """Poor coverage under a roof is an indoor matter; so is not getting a call out there."""
    bit = rules().bit
    if not concepts & (rules().inside | bit["OUTOK"]):
        return codes
    swallowed = COVERAGE | (set() if concepts & bit["FULL"] else {"ACCESS_FAILURE"})
    if concepts & bit["ENTER"] and concepts & rules().inside and codes == {"UNSTABLE_SIGNAL"}:
        return {"INDOOR_COVERAGE"}  # it goes at the door, it does not waver
    if codes & COVERAGE or (codes & swallowed and concepts & rules().inside):
        return (codes - swallowed) | {"INDOOR_COVERAGE"}
    return codes


def _symptoms(radio: set[str], concepts: int) -> set[str]:
    """Radio classes with the places that rename them."""
    bit = rules().bit
    found = _placed(radio, concepts) if radio - {"TERMINAL_SIM"} else radio
    return found | {"ROAMING"} if concepts & bit["ABROAD"] and radio else found


@lru_cache(maxsize=REMEMBERED)
def _judge(said: frozenset[str], concepts: int) -> Judgement:
    """The classes of a text; only bits that matter to the rules may be set in ``concepts``."""
    bit = rules().bit
    together = _combined(concepts)
    codes = _settle_open(said, concepts) | set(together)
    radio = codes - {"NON_NETWORK"} - _unsaid(codes, concepts)
    symptoms = _symptoms(radio, concepts)
    strong = bool(concepts & bit["NON_STRONG"]) and not concepts & bit["QUESTION"]
    if not (radio or strong or "NON_NETWORK" in codes):
        return _bare(concepts)
    primary = "NON_NETWORK" if strong or not radio else next(code for code in rules().order if code in symptoms)
    everything = symptoms | (codes & {"NON_NETWORK"})
    if symptoms and concepts & rules().inside:
        everything |= {"INDOOR_COVERAGE"}
    if primary == "INDOOR_COVERAGE":
        everything |= radio & COVERAGE
    secondary = tuple(code for code in rules().order if code in everything and code != primary)
    words = together.get(primary, bit["NON_STRONG"] if strong else 0)
    return Judgement(primary, secondary, words)


def _bare(concepts: int) -> Judgement:
    """The likeliest class of a text that names a subject and nothing good of it; else unclear."""
    bit = rules().bit
    if not concepts & (bit["GOOD"] | bit["FULL"] | bit["RESOLVED"] | bit["DENY"] | bit["PAST"]):
        for code, mask in rules().bare:
            if concepts & mask:
                return Judgement(code, (), mask, bare=True)
    return Judgement(UNCLEAR)


def decide(said: Sequence[Said], concepts: int, resolved: Sequence[int]) -> Verdict:
    """The classification of a text.

    Parameters
    ----------
    said : findings of all clauses.
    concepts : bits of every concept that stands in the text.
    resolved : clauses that say the trouble is over.
    """
    standing = _standing(said, resolved)
    found = _judge(frozenset([one.code for one in standing]), concepts & rules().relevant)
    deciding = None if found.primary == UNCLEAR else _deciding(standing, found)
    return Verdict(found.primary, found.secondary, deciding, found.words, _confidence(found, deciding))


def _deciding(standing: Sequence[Said], found: Judgement) -> Said | None:
    """The first finding of the primary class; the first of all if no words together decided."""
    for one in standing:
        if one.code == found.primary:
            return one
    return standing[0] if standing and not found.words else None


def _confidence(found: Judgement, deciding: Said | None) -> float:
    """Coarse and ordinal: settled by a phrase, by inference, among rivals, by the subject alone, not at all."""
    if found.primary == UNCLEAR or found.bare:
        return 0.3 if found.bare else 0.0
    certain = 0.9 if deciding is not None and deciding.code == found.primary else 0.7
    return round(max(0.5, certain - 0.1 * len(found.secondary)), 2)
