"""How well each writer's texts are read with weights learnt from all other writers.

Run ``python -m geoservice.intake.classify.validation [WRITER ...]``. A random split would flatter: whoever wrote the
training texts words the test texts alike.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from geoservice.intake.classify.judge import judge
from geoservice.intake.classify.model import Model
from geoservice.intake.classify.scan import CHUNK, read_chunk
from geoservice.intake.classify.training import LEXICON_WRITER, Text, learn, read_corpus

Pairs = list[tuple[str, str]]  # true class, class read


def primaries(texts: Sequence[str], learnt: Model) -> list[str]:
    """The primary classes read with these weights."""
    found = []
    for begin in range(0, len(texts), CHUNK):
        chunk = read_chunk(texts[begin : begin + CHUNK])
        found += [judged.verdict.primary for judged in judge(chunk, learnt)]
    return found


def unseen(texts: Sequence[Text], writer: str) -> Pairs:
    """(true, read) of one writer's texts, learnt from the others'."""
    own = [text for text in texts if text.writer == writer]
    learnt = learn([text for text in texts if text.writer != writer]).model()
    return list(zip([text.primary for text in own], primaries([text.text for text in own], learnt), strict=True))


def share_right(pairs: Pairs) -> float:
    """Share read rightly."""
    return sum(true == read for true, read in pairs) / max(1, len(pairs))


def by_class(pairs: Pairs) -> dict[str, tuple[float, float]]:
    """Recall and precision of each class."""
    right = Counter(true for true, read in pairs if true == read)
    there, told = Counter(true for true, _ in pairs), Counter(read for _, read in pairs)
    return {code: (right[code] / there[code], right[code] / max(1, told[code])) for code in sorted(there)}


def main(writers: Iterable[str]) -> None:
    """Print the table."""
    texts = read_corpus()
    everything: Pairs = []
    for writer in list(writers) or sorted({text.writer for text in texts} - {LEXICON_WRITER}):
        pairs = unseen(texts, writer)
        everything += pairs
        print(f"{writer}: {len(pairs)} texts, right {share_right(pairs):.3f}", flush=True)
    for code, (recall, precision) in by_class(everything).items():
        print(f"{code}: recall {recall:.3f}, precision {precision:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
