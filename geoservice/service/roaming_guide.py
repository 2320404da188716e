"""The handbook's roaming flows as the desk walks them: one question at a time, then what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoservice import diagnosis

# Today's cards have no slot of their own: they walk the dual-mode flow from its second question.
_SAME_FLOW = {"normal": ("dual_mode", {"card_in_g_slot": "yes"})}


def step(card: str, answers: Mapping[str, str], country: str | None = None) -> dict[str, Any]:
    """The question to ask next, or what to do when the answers decide.

    Parameters
    ----------
    card : normal, single_mode, dual_mode or sms.
    answers : ``yes`` or ``no`` by question.
    country : where the customer is, as typed.

    Raises
    ------
    InputError
        No flow for the card, or an answer to a question it does not ask.
    """
    flow, told = _SAME_FLOW.get(card, (card, {}))
    found = diagnosis.roaming_step(flow, {**told, **answers}, diagnosis.country_code(country))
    return {
        "cause": found.cause,
        "ask": found.ask if found.open else None,
        "open": found.open,
        "say_zh": found.zh,
        "say_en": found.en,
        "pitfalls": [{"zh": zh, "en": en} for zh, en in zip(found.pitfalls_zh, found.pitfalls_en, strict=True)],
    }
