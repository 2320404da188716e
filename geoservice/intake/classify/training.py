"""Learn the weights of the statistical reader from the labelled texts in ``corpus/``.

Run ``python -m geoservice.intake.classify.training``; writes ``weights.npz`` beside this file. The same texts give
the same weights. ``--check`` only reports how well texts of each writer are read when learnt from the others.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify import model as reader
from geoservice.intake.classify.decide import decide
from geoservice.intake.classify.features import BUCKETS, grams, lines_of, tokens
from geoservice.intake.classify.normalise import normalise
from geoservice.intake.classify.scan import read_texts
from geoservice.intake.classify.variants import Variants

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
LEXICON_WRITER = "lexicon"  # texts the rules were written from: rules look better on them than they are
WEIGHTS_OF = {LEXICON_WRITER: 0.3, "variant": 0.3}
SEEN = 2  # an n-gram of a single text tells nothing
MARGIN, RIDGE, TEMPER = 3.0, 0.3, 5.0
FOLDS = 8
GRAMS_A_WORD = 5  # keeps the sums near one, where the machine's penalty is usual

Matrix = Any  # scipy.sparse has no types of its own


class Text(NamedTuple):
    """A labelled text and who wrote it."""

    text: str
    primary: str
    secondary: tuple[str, ...]
    writer: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights on inputs and bias, shapes (inputs, classes) and (classes,)."""

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


def read_corpus(folder: Path = CORPUS) -> list[Text]:
    """Labelled texts; the writer is the file's name up to the first underscore."""
    return [text for path in sorted(folder.glob("*.csv")) for text in read_labelled(path)]


def read_labelled(path: Path) -> Iterable[Text]:
    """Texts of one file with columns text, primary and perhaps secondary (codes with ``;`` between)."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            second = tuple(code.strip() for code in (row.get("secondary") or "").split(";") if code.strip())
            yield Text(row["text"], row["primary"], second, path.stem.split("_")[0])


def table_of(texts: Sequence[Text]) -> Matrix:
    """N-grams of texts scaled as :func:`model.detect` scales them, shape (texts, BUCKETS)."""
    from scipy.sparse import csr_matrix, diags_array

    joined = normalise([text.text for text in texts]) + "\n"
    words = tokens(joined)
    found = grams(words)
    line = lines_of(words, found)
    table = csr_matrix((np.ones(len(line)), (line, found.bucket)), shape=(len(texts), BUCKETS))
    totals = reader.sizes(words, joined) * GRAMS_A_WORD
    return csr_matrix(diags_array(1 / np.sqrt(np.maximum(totals, 1))) @ table)


def learn_detectors(texts: Sequence[Text], table: Matrix) -> Layer:
    """One detector a class: a linear support vector machine on all n-grams met often enough."""
    from scipy.sparse import csr_matrix, vstack
    from sklearn.svm import LinearSVC

    own = [text for text in texts if text.writer != LEXICON_WRITER]
    varied = [
        Text(text, code, (second,) if second else (), "variant")
        for text, code, second in Variants().of([(text.text, text.primary) for text in own])
    ]
    met = np.asarray((table > 0).sum(axis=0)).ravel() >= SEEN
    kept = csr_matrix(vstack((table, table_of(varied)))[:, met])
    everything = [*texts, *varied]
    weight = np.array([WEIGHTS_OF.get(text.writer, 1.0) for text in everything])
    labels = [text.primary for text in everything]
    machine = LinearSVC(C=MARGIN, random_state=0).fit(kept, labels, sample_weight=weight)
    weights = np.zeros((BUCKETS, len(machine.classes_)), np.float32)
    weights[met] = machine.coef_.T
    return Layer(tuple(machine.classes_), weights, machine.intercept_.astype(np.float32))


def votes(texts: Sequence[Text], names: Sequence[str] | None = None) -> tuple[list[str], NDArray[np.float64]]:
    """What the rules say of each text, as zeros and ones, shape (texts, names)."""
    said = [
        reader.vote_of(reading, decide(reading.said, reading.concepts, reading.resolved)).names()
        for _, reading in read_texts([text.text for text in texts])
    ]
    names = sorted({name for one in said for name in one}) if names is None else list(names)
    return list(names), np.array([[name in one for name in names] for one in said], float)


def scores_unseen(texts: Sequence[Text], table: Matrix) -> NDArray[np.float64]:
    """Detector scores of each text learnt from others, in ``FOLDS`` parts, shape (texts, classes)."""
    part = np.arange(len(texts)) % FOLDS
    scores = np.zeros((len(texts), len({text.primary for text in texts})))
    for one in range(FOLDS):
        own, others = np.flatnonzero(part == one), np.flatnonzero(part != one)
        layer = learn_detectors([texts[int(place)] for place in others], table[others])
        scores[own] = table[own] @ layer.weights + layer.bias
    return scores


def learn_mix(scores: NDArray[Any], said: NDArray[Any], primary: Sequence[str]) -> Layer:
    """The second layer: multinomial logistic regression on tempered detector scores and votes."""
    from sklearn.linear_model import LogisticRegression

    machine = LogisticRegression(C=RIDGE, max_iter=1000, tol=1e-3)
    machine.fit(np.hstack((scores * TEMPER, said)), primary)
    weights = machine.coef_.T.astype(np.float32)
    weights[: scores.shape[1]] *= TEMPER
    return Layer(tuple(machine.classes_), weights, machine.intercept_.astype(np.float32))


def learn(texts: Sequence[Text]) -> tuple[Layer, Layer, list[str]]:
    """Both layers and the names of the votes."""
    table = table_of(texts)
    unseen = scores_unseen(texts, table)
    judged = np.flatnonzero([text.writer != LEXICON_WRITER for text in texts])
    fresh = [texts[int(place)] for place in judged]
    names, said = votes(fresh)
    mix = learn_mix(unseen[judged], said, [text.primary for text in fresh])
    return learn_detectors(texts, table), mix, names


def save(detectors: Layer, mix: Layer, names: Sequence[str], path: Path) -> None:
    """Write the weights, the first layer as whole numbers of one byte."""
    buckets = np.flatnonzero(np.abs(detectors.weights).max(axis=1) > 0)
    whole, unit = reader.freeze(detectors.weights[buckets] / np.float32(np.sqrt(GRAMS_A_WORD)))
    some = np.abs(whole).max(axis=1) > 0
    count = len(detectors.classes)
    np.savez_compressed(
        path,
        classes=np.array(detectors.classes),
        buckets=buckets[some].astype(np.int32),
        weights=whole[some],
        unit=unit,
        bias=detectors.bias,
        mix=mix.weights[:count],
        mix_bias=mix.bias,
        votes=mix.weights[count:],
        vote_names=np.array(names),
    )


def check(texts: Sequence[Text]) -> None:
    """Print the share read rightly of each writer's texts, learnt from all others."""
    for writer in sorted({text.writer for text in texts} - {LEXICON_WRITER}):
        own = [text for text in texts if text.writer == writer]
        detectors, mix, names = learn([text for text in texts if text.writer != writer])
        count = len(detectors.classes)
        scores = np.asarray(table_of(own) @ detectors.weights) + detectors.bias
        said = votes(own, names)[1]
        both = scores @ mix.weights[:count] + said @ mix.weights[count:] + mix.bias
        true = np.array([text.primary for text in own])
        shares = [float(np.mean(np.array(detectors.classes)[found.argmax(axis=1)] == true)) for found in (scores, both)]
        print(f"{writer}: {len(own)} texts, detectors alone {shares[0]:.3f}, with the rules {shares[1]:.3f}")


def main(arguments: Sequence[str]) -> None:
    """Learn and save, or only check."""
    texts = read_corpus()
    if "--check" in arguments:
        check(texts)
        return
    detectors, mix, names = learn(texts)
    save(detectors, mix, names, HERE / reader.WEIGHTS)
    print(f"learnt from {len(texts)} texts: {HERE / reader.WEIGHTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
