"""The roaming flows as data: which step of the seed's flow a customer has reached."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from geoservice.errors import InputError


@dataclass(frozen=True, slots=True)
class RoamingStep:
    """The step that decides: ``cause`` (K_ROAM_code); the question still to ask, or what to do.

    ``open`` is True while the question has no answer; then ``zh``/``en`` ask it. Otherwise they
    say what to do.
    """

    cause: str
    ask: str
    open: bool
    zh: str
    en: str
    pitfalls_zh: tuple[str, ...] = ()
    pitfalls_en: tuple[str, ...] = ()


def roaming_step(card: str, answers: Mapping[str, str], country: str | None = None) -> RoamingStep:
    """Walk the flow of a card type over the answers known so far (``yes`` / ``no``).

    Raises
    ------
    InputError
        No flow for the card type, or an answer to a question the flow does not ask.

    >>> roaming_step("dual_mode", {"card_in_g_slot": "yes", "manual_choice": "no"}).cause
    'K_ROAM_MANUAL'
    """
    flow = next((f for f in _flows()["flow"] if f["card"] == card), None)
    if flow is None:
        known = ", ".join(f["card"] for f in _flows()["flow"])
        raise InputError(f"no roaming flow for card type {card!r}; known: {known}", field="card")
    asked = [s["ask"] for s in flow["steps"]]
    if unknown := sorted(set(answers) - set(asked)):
        raise InputError(f"this flow does not ask {unknown[0]!r}; it asks {', '.join(asked)}", field="answers")
    step = next(s for s in flow["steps"] if _stops(s, answers))
    still_open = bool(step["stop_if"]) and step["ask"] not in answers
    zh, en = (step["zh"], step["en"]) if still_open else (step["do_zh"], step["do_en"])
    pitfalls = [p for p in _flows()["pitfall"] if p["country"] in ("*", country)]
    return RoamingStep(
        cause=f"K_ROAM_{step['code']}",
        ask=step["ask"],
        open=still_open,
        zh=zh,
        en=en,
        pitfalls_zh=tuple(p["zh"] for p in pitfalls),
        pitfalls_en=tuple(p["en"] for p in pitfalls),
    )


def country_code(name: str | None) -> str | None:
    """Code of a country the flows know a pitfall of, from its code or one of its names; else None."""
    said = (name or "").strip().casefold()
    for pitfall in _flows()["pitfall"]:
        if said and said in {pitfall["country"].casefold(), *(known.casefold() for known in pitfall.get("names", ()))}:
            return str(pitfall["country"])
    return None


def _stops(step: Mapping[str, str], answers: Mapping[str, str]) -> bool:
    """A step without a stopping answer ends every flow; an unanswered one is where the flow waits."""
    return not step["stop_if"] or step["ask"] not in answers or answers[step["ask"]] == step["stop_if"]


@cache
def _flows() -> Mapping[str, Any]:
    return tomllib.loads((files("geoservice") / "reference" / "roaming.toml").read_text("utf-8"))
