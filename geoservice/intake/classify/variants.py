"""More texts from labelled ones: with other troubles denied, with a second symptom, with greetings.

Only for training. Each variant follows the handbook: a denied symptom changes nothing (section 2 rule 2), and of
two symptoms the one earlier in the conflict order is primary (rule 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from geoservice.intake.classify.decide import rules
from geoservice.intake.classify.lexicon import read_toml

SHORT = 60  # longer texts are not joined in pairs
SYMPTOMS = (
    "DROPPED_CALL", "ACCESS_FAILURE", "ONE_WAY_AUDIO", "ECHO", "NOT_IN_SERVICE_MSG", "CHOPPY_VOICE", "UNSTABLE_SIGNAL",
    "WEAK_SIGNAL", "SLOW_DATA",
)  # fmt: skip
# What a class would contradict or is said in its own words: these are not denied beside it.
TOUCHY = {
    "NO_COVERAGE": {"WEAK_SIGNAL", "ACCESS_FAILURE", "SLOW_DATA", "NOT_IN_SERVICE_MSG", "UNSTABLE_SIGNAL"}
    | {"NO_COVERAGE"},
    "WEAK_SIGNAL": {"WEAK_SIGNAL", "UNSTABLE_SIGNAL"},
    "UNSTABLE_SIGNAL": {"UNSTABLE_SIGNAL", "WEAK_SIGNAL"},
    "DROPPED_CALL": {"DROPPED_CALL"},
    "ACCESS_FAILURE": {"ACCESS_FAILURE", "DROPPED_CALL"},
    "ONE_WAY_AUDIO": {"ONE_WAY_AUDIO"},
    "ECHO": {"ECHO"},
    "NOT_IN_SERVICE_MSG": {"NOT_IN_SERVICE_MSG", "ACCESS_FAILURE"},
    "CHOPPY_VOICE": {"CHOPPY_VOICE"},
    "SLOW_DATA": {"SLOW_DATA"},
    "INDOOR_COVERAGE": {"INDOOR_COVERAGE", "WEAK_SIGNAL", "NO_COVERAGE", "ACCESS_FAILURE", "SLOW_DATA"},
    "ROAMING": {"ROAMING", "WEAK_SIGNAL", "NO_COVERAGE", "ACCESS_FAILURE", "SLOW_DATA"},
}  # fmt: skip


def is_chinese(text: str) -> bool:
    """Whether most of a text is not in Latin letters."""
    return sum(char > "\u2e7f" for char in text) * 3 > len(text)


class Variants:
    """Makes variants; the same seed makes the same ones."""

    def __init__(self, seed: int = 11) -> None:
        self.pick = np.random.default_rng(seed)
        self.said: dict[str, Any] = read_toml("variants.toml")

    def one_of(self, choices: Sequence[Any]) -> Any:
        """Any of some choices."""
        return choices[int(self.pick.integers(len(choices)))]

    def denials(self, code: str, chinese: bool) -> list[str]:
        """What may be denied beside a class, in the language of the text."""
        return [
            phrase
            for other, phrases in self.said["denied"].items()
            if other not in TOUCHY.get(code, {code})
            for phrase in phrases
            if is_chinese(phrase) == chinese
        ]

    def denying(self, text: str, code: str) -> str:
        """The text with one or two other troubles denied before or after it."""
        chinese = is_chinese(text)
        choices, joints = self.denials(code, chinese), self.said["joints"]["zh" if chinese else "en"]
        said = self.one_of(choices)
        if self.pick.random() < 0.4:
            said += ("，" if chinese else ", ") + self.one_of(choices)
        if self.pick.random() < 0.35:
            return text.rstrip("。.!！") + ("，" if chinese else ", ") + said
        return str(said + self.one_of(joints) + text)

    def polite(self, text: str) -> str:
        """The text with a greeting, a plea or both."""
        tongue = "zh" if is_chinese(text) else "en"
        words = self.said["politeness"]
        before = self.one_of(words[tongue]) if self.pick.random() < 0.6 else ""
        return str(before + text.rstrip("。.") + self.one_of(words[tongue + "_end"]))

    def joined(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        """(text, primary, secondary) of pairs of short texts of one language and two symptoms."""
        short = [one for one in texts if one[1] in SYMPTOMS and len(one[0]) <= SHORT]
        order = rules().order
        for text, code in short:
            other, second = self.one_of(short)
            if (
                second == code
                or is_chinese(text) != is_chinese(other)
                or {code, second} == {"WEAK_SIGNAL", "UNSTABLE_SIGNAL"}
            ):
                continue
            joint = self.one_of(self.said["joints"]["also_zh" if is_chinese(text) else "also_en"])
            first, last = sorted((code, second), key=order.index)
            yield text.rstrip("。.!！") + joint + other, first, last

    def of(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        """(text, primary, secondary) of all variants of (text, primary) pairs."""
        for text, code in texts:
            if code not in ("UNCLEAR", "NON_NETWORK", "TERMINAL_SIM"):
                yield self.denying(text, code), code, ""
            yield self.polite(text), code, ""
        yield from self.joined(texts)
