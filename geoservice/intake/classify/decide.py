"""From what the clauses of a text say to one classification: the order of the handbook, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geoservice.intake.classify.lexicon import lexicon, read_toml

UNCLEAR = "UNCLEAR"
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
    tags: tuple[tuple[str, int], ...]
    bit: dict[str, int]
    inside: int


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Load once."""
    words, table = lexicon(), read_toml("rules.toml")
    combine = tuple(
        (rule["class"], tuple(map(words.mask, rule["all"])), words.mask(" ".join(rule["none"])))
        for rule in table["combine"]
    )
    tags = tuple((tag["tag"], words.mask(" ".join(tag["any"]))) for tag in table["tag"])
    return Rules(tuple(table["order"]), combine, tags, words.bit, words.mask("INDOOR LIFT BASEMENT"))


class Verdict(NamedTuple):
    """Primary class, the others, and the finding that decided."""

    primary: str
    secondary: tuple[str, ...]
    deciding: Said | None
    confidence: float


def _standing(said: Sequence[Said], resolved: Sequence[int]) -> list[Said]:
    """What holds today: nothing resolved since, nothing of former times unless nothing else is said."""
    after = max(resolved, default=-1)
    current = [one for one in said if one.clause > after or one.code == "NON_NETWORK"]
    now = [one for one in current if not one.past]
    return now or current


def _settle_open(said: list[Said], concepts: int) -> list[Said]:
    """Give "no network" and "does not work" a class from their surroundings."""
    bit = rules().bit
    data_near = concepts & (bit["FULL"] | bit["DATA"] | bit["CROWD"] | bit["SLOW"])
    net = "SLOW_DATA" if data_near else "NO_COVERAGE"
    place = concepts & (rules().inside | bit["TUNNEL"] | bit["ABROAD"])
    settled = {NET: net, ANY: "NO_COVERAGE" if place else ""}
    return [one._replace(code=code) for one in said if (code := settled.get(one.code, one.code))]


def _combined(said: list[Said], concepts: int) -> list[Said]:
    """Add what words mean together."""
    for code, needed, barred in rules().combine:
        if all(concepts & mask for mask in needed) and not concepts & barred:
            said = [*said, Said(code, 0, 0, 0, False)]
    return said


def _unsaid(codes: set[str], concepts: int) -> set[str]:
    """Classes that another finding explains away."""
    bit, gone = rules().bit, set[str]()
    if "UNSTABLE_SIGNAL" in codes:  # what comes back was not absent
        gone |= {"NO_COVERAGE", "WEAK_SIGNAL"}
    if "NOT_IN_SERVICE_MSG" in codes:
        gone |= {"ACCESS_FAILURE", "ONE_WAY_AUDIO"} | ({"NO_COVERAGE"} if concepts & bit["FULL"] else set())
    if "ACCESS_FAILURE" in codes and concepts & bit["PREDIAL"]:  # ends before it began
        gone |= {"DROPPED_CALL"}
    if concepts & bit["WIFI"] and "NON_NETWORK" in codes and not concepts & (bit["SIG"] | bit["FULL"] | bit["QUESTION"]):
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
    if codes & COVERAGE or (codes & swallowed and concepts & rules().inside):
        return (codes - swallowed) | {"INDOOR_COVERAGE"}
    return codes


def decide(said: Sequence[Said], concepts: int, resolved: Sequence[int]) -> Verdict:
    """The classification of a text.

    Parameters
    ----------
    said : findings of all clauses.
    concepts : bits of every concept that stands in the text.
    resolved : clauses that say the trouble is over.
    """
    bit = rules().bit
    standing = _combined(_settle_open(_standing(said, resolved), concepts), concepts)
    codes = {one.code for one in standing}
    radio = codes - {"NON_NETWORK"} - _unsaid(codes, concepts)
    symptoms = set(radio)
    strong = concepts & bit["NON_STRONG"]
    if radio - {"TERMINAL_SIM"} or concepts & bit["EXCEPT"]:
        symptoms = _placed(radio, concepts)
    if concepts & bit["ABROAD"] and radio:
        symptoms |= {"ROAMING"}
    if strong and not concepts & bit["QUESTION"]:
        primary = "NON_NETWORK"
    elif radio:
        primary = next(code for code in rules().order if code in symptoms)
    elif "NON_NETWORK" in codes or strong or (concepts & bit["QUESTION"] and "NON_NETWORK" in codes):
        primary = "NON_NETWORK"
    else:
        primary = UNCLEAR
    inside = {"INDOOR_COVERAGE"} if symptoms and concepts & rules().inside else set()
    everything = symptoms | inside | (codes & {"NON_NETWORK"}) | ((radio & COVERAGE) if primary == "INDOOR_COVERAGE" else set())
    secondary = tuple(code for code in rules().order if code in everything and code != primary)
    deciding = _deciding(primary, standing)
    return Verdict(primary, secondary, deciding, _confidence(primary, deciding, secondary))


def _deciding(primary: str, said: Sequence[Said]) -> Said | None:
    """The finding behind the primary class; for place classes the symptom that was placed."""
    placed = [one for one in said if one.end]
    own = [one for one in placed if one.code == primary]
    return next(iter(own or placed), None)


def _confidence(primary: str, deciding: Said | None, secondary: Sequence[str]) -> float:
    """Coarse and ordinal: settled by a phrase, by inference, among rivals, not at all."""
    if primary == UNCLEAR:
        return 0.0
    certain = 0.9 if deciding is not None and deciding.code == primary else 0.7
    return round(max(0.5, certain - 0.1 * len(secondary)), 2)
