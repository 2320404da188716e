"""Classification against the obvious way: one regular expression a phrase, tried on every text.

Run ``python tests/bench/bench_classify.py``; prints texts per second of processor time on one core and the ratio.
"""

from __future__ import annotations

import csv
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from geoservice.intake.classify import classify
from geoservice.intake.classify.lexicon import expand, read_toml
from geoservice.intake.classify.training import read_corpus

DATA = Path(__file__).parents[1] / "intake" / "data"
PLACES = ["人民路", "锦绣花园", "天河区", "Oak Street", "3号楼", "Pune", "望京"]


def corpus(size: int, seed: int = 7) -> list[str]:
    """Distinct texts made of the labelled ones, some of two complaints."""
    rows = [
        row["text"]
        for path in sorted(DATA.glob("classify_*.csv"))
        for row in csv.DictReader(path.open("r", -1, "utf-8"))
    ]
    pick = random.Random(seed)
    tail = lambda: f"，{pick.choice(rows)}" if pick.random() < 0.3 else ""  # noqa: E731
    return [f"{pick.choice(PLACES)}{number} {pick.choice(rows)}{tail()}" for number in range(size)]


def obvious(texts: Sequence[str], phrases_each: int = 40) -> list[str]:
    """A regular expression for each of a few phrases of each class, first hit wins."""
    table = {code: names for code, names in read_toml("lexicon.toml").items() if code.isupper() and "_" in code}
    phrases = [
        (code, phrase)
        for code, names in table.items()
        for name in names
        for phrase in list(expand(name))[:phrases_each]
    ]
    compiled = [(code, re.compile(re.escape(phrase))) for code, phrase in phrases]
    return [next((code for code, pattern in compiled if pattern.search(text)), "UNCLEAR") for text in texts]


def rate(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    start = time.process_time()
    work(texts)
    return len(texts) / (time.process_time() - start)


def main() -> None:
    texts = corpus(40_000)
    labelled = [text.text for text in read_corpus()]
    classify(labelled[:200])
    cold = rate(classify, labelled[200:])
    ours = max(rate(classify, texts[:20_000]), rate(classify, texts[20_000:]))
    again = rate(classify, labelled[200:])
    theirs = rate(obvious, texts[:100])
    characters = sum(map(len, texts)) / len(texts)
    print(f"{characters:.0f} characters a text; ours {ours:,.0f}/s")
    print(f"{len(labelled):,} different labelled texts: {cold:,.0f}/s, read again {again:,.0f}/s")
    print(f"one regular expression a phrase {theirs:,.0f}/s; ratio {ours / theirs:,.0f}")


if __name__ == "__main__":
    main()
