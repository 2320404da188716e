"""What a text says beside its class: tags, call direction, lost audio direction, who hears the echo."""

from __future__ import annotations

from functools import lru_cache

from geoservice.intake.classify.decide import rules
from geoservice.intake.classify.lexicon import lexicon
from geoservice.intake.classify.scan import TextReading

VOICE = frozenset({"ONE_WAY_AUDIO"})
CALLS = frozenset({"ACCESS_FAILURE", "NOT_IN_SERVICE_MSG"})
REMEMBERED = 20_000
FIRM = 0.05  # a leaning below this is none


@lru_cache(maxsize=REMEMBERED)
def tags(concepts: int) -> tuple[str, ...]:
    """Place tags; ``BORDER`` where someone who did not travel was billed for roaming."""
    found = tuple(tag for tag, mask in rules().tags if concepts & mask)
    return (*found, "BORDER") if concepts & rules().bit["ROAMFEE"] else found


def direction(reading: TextReading, codes: set[str], leaning: float) -> str | None:
    """Calls that fail: ``MO`` those the customer makes, ``MT`` those to the customer.

    The learnt ``leaning`` to MT says it if it is firm, else the words of the finding, else those of the whole text.
    """
    if not codes & CALLS:
        return None
    if "ACCESS_FAILURE" in codes and abs(leaning) >= FIRM:
        return "MT" if leaning > 0 else "MO"
    bit, masks, concepts = rules().bit, lexicon().masks, 0
    for finding in reading.line.said:
        if finding.code in CALLS:
            for word in reading.meanings[finding.start : finding.end + 1]:
                concepts |= masks[word]
    if not concepts & (bit["MO"] | bit["MT"]):
        concepts = reading.line.concepts
    received = bool(concepts & bit["MT"]) or "ACCESS_FAILURE" not in codes
    return _one_of(bool(concepts & bit["MO"]) and "ACCESS_FAILURE" in codes, received, "MO", "MT")


def _one_of(first: bool, second: bool, name: str, other: str) -> str:
    if first and second:
        return "both"
    return name if first else other if second else "unknown"


def audio(leaning: float, both: bool) -> str:
    """The silent direction: ``UL`` if the peer hears nothing, ``DL`` if the customer hears nothing."""
    if both:
        return "both"
    return "unknown" if abs(leaning) < FIRM else "UL" if leaning > 0 else "DL"


@lru_cache(maxsize=REMEMBERED)
def _peer_hears(sequence: tuple[int, ...]) -> tuple[bool, bool]:
    words = lexicon()
    me, peer = words.bit["ME"], words.bit["PEER"]
    named = [mask for meaning in sequence if (mask := words.masks[meaning]) & (me | peer)]
    first_peer = bool(named and named[0] & peer)
    return bool(named and named[0] & me) or not named, first_peer


def echo_hearer(sequence: tuple[int, ...], codes: set[str]) -> str | None:
    """Who hears the echo: ``customer`` unless someone else is said to."""
    if "ECHO" not in codes:
        return None
    mine, theirs = _peer_hears(sequence)
    return _one_of(mine, theirs, "customer", "peer")
