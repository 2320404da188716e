"""How well each writer's texts are read with weights learnt from all other writers.

Run ``python -m geoservice.intake.classify.validation [WRITER ...]``. A random split would flatter: whoever wrote the
training texts words the test texts alike.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from geoservice.intake.classify.details import audio
from geoservice.intake.classify.hearing import leaning, neither, parts_of
from geoservice.intake.classify.judge import judge
from geoservice.intake.classify.model import Model
from geoservice.intake.classify.scan import CHUNK, read_chunk
from geoservice.intake.classify.training import LEXICON_WRITER, Text, learn, read_corpus

Pairs = list[tuple[str, str]]  # true class, class read


class Read(NamedTuple):
    """A labelled text and what was read in it."""

    text: Text
    primary: str
    secondary: tuple[str, ...]
    audio: str


def read(texts: Sequence[Text], learnt: Model) -> Iterator[Read]:
    """Texts read with these weights."""
    for begin in range(0, len(texts), CHUNK):
        own = texts[begin : begin + CHUNK]
        chunk = read_chunk([text.text for text in own])
        parts = parts_of(chunk.joined.split("\n")[:-1])
        for text, judged, told in zip(own, judge(chunk, learnt), parts, strict=True):
            lost = audio(leaning(told, learnt.ear), neither(told))
            yield Read(text, judged.verdict.primary, judged.verdict.secondary, lost)


def unseen(texts: Sequence[Text], writer: str) -> list[Read]:
    """One writer's texts read with what was learnt from the others."""
    own = [text for text in texts if text.writer == writer]
    return list(read(own, learn([text for text in texts if text.writer != writer]).model()))


def pairs_of(found: Sequence[Read]) -> Pairs:
    """Each text's class and the class read."""
    return [(one.text.primary, one.primary) for one in found]


def share_right(pairs: Pairs) -> float:
    """Share read rightly."""
    return sum(true == read for true, read in pairs) / max(1, len(pairs))


def by_class(pairs: Pairs) -> dict[str, tuple[float, float]]:
    """Recall and precision of each class."""
    right = Counter(true for true, read in pairs if true == read)
    there, told = Counter(true for true, _ in pairs), Counter(read for _, read in pairs)
    return {code: (right[code] / there[code], right[code] / max(1, told[code])) for code in sorted(there)}


def secondary_f1(found: Sequence[Read]) -> float:
    """F1 of the further classes over all texts."""
    right = sum(len({*one.secondary} & {*one.text.secondary}) for one in found)
    return 2 * right / max(1, sum(len(one.secondary) + len(one.text.secondary) for one in found))


def audio_right(found: Sequence[Read]) -> tuple[int, int]:
    """Texts silent one way whose way is read rightly, and all of them."""
    silent = [one for one in found if one.text.primary == "ONE_WAY_AUDIO" and one.text.audio in ("UL", "DL")]
    return sum(one.audio == one.text.audio for one in silent), len(silent)


def main(writers: Iterable[str]) -> None:
    """Print the table."""
    texts = read_corpus()
    everything: list[Read] = []
    for writer in list(writers) or sorted({text.writer for text in texts} - {LEXICON_WRITER}):
        found = unseen(texts, writer)
        everything += found
        right, silent = audio_right(found)
        figures = f"right {share_right(pairs_of(found)):.3f}, secondary F1 {secondary_f1(found):.2f}"
        print(f"{writer}: {len(found)} texts, {figures}, audio {right} of {silent}", flush=True)
    for code, (recall, precision) in by_class(pairs_of(everything)).items():
        print(f"{code}: recall {recall:.3f}, precision {precision:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
