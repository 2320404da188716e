"""What customers say: colloquial Chinese and English put together from ``phrases.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ENGLISH_SHARE = 0.16
_TYPOS = {
    "信号": "新号",
    "电话": "电活",
    "通话": "通活",
    "signal": "singal",
    "calls": "cals",
    "的": "地",
    "network": "netwrok",
}


@cache
def phrases() -> dict[str, Any]:
    """The stock of phrases by part of speech, class and language."""
    loaded: dict[str, Any] = json.loads((files("geoservice.simulate") / "phrases.json").read_text("utf-8"))
    return loaded


@cache
def terminal_shares() -> tuple[list[str], NDArray[np.float64]]:
    """Handset models and their market shares, which sum to 1."""
    stock = phrases()["terminals"]
    share = np.array([share for _, share in stock])
    return [name for name, _ in stock], share / share.sum()


def speak(contacts: pd.DataFrame, places: pd.Series, rng: np.random.Generator) -> pd.Series:
    """One text per contact.

    Parameters
    ----------
    contacts : columns ``class, model, english, vague, when`` (``when`` is ``night``, ``evening`` or ``when``).
    places : the place in words to weave in; empty = none.
    """
    stock = phrases()
    language = np.where(contacts["english"], "en", "zh")
    vague = contacts["vague"].to_numpy()
    core = [
        _pick(stock["blur"] if blur else stock["class"][name], way, rng)
        for name, way, blur in zip(contacts["class"], language, vague, strict=True)
    ]
    parts = {name: [_pick(stock[name], way, rng) for way in language] for name in ("open", "close", "place")}
    when = [_pick(stock[name], way, rng) for name, way in zip(contacts["when"], language, strict=True)]
    text = [
        (opening + (frame.format(place=place) if place else "") + time + body + closing).strip()
        for opening, frame, place, time, body, closing in zip(
            parts["open"], parts["place"], places, when, core, parts["close"], strict=True
        )
    ]
    named = pd.Series(text, index=contacts.index).str.replace("{model}", "%s")
    spoken = [line.replace("%s", model) for line, model in zip(named, contacts["model"], strict=True)]
    return pd.Series(_misspell(spoken, rng), index=contacts.index)


def _pick(options: dict[str, list[str]], language: str, rng: np.random.Generator) -> str:
    choices = options[language]
    return choices[int(rng.random() * len(choices))]


def _misspell(lines: list[str], rng: np.random.Generator) -> list[str]:
    """About one text in twenty gets a slip of the finger."""
    slips = list(_TYPOS.items())
    dice, which = rng.random(len(lines)) < 0.05, rng.integers(0, len(slips), len(lines))
    return [
        line.replace(slips[slip][0], slips[slip][1], 1) if slipped else line
        for line, slipped, slip in zip(lines, dice, which, strict=True)
    ]
