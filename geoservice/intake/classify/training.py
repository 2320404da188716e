"""Learn the weights of the statistical reader from the labelled texts in ``corpus/``.

Run ``python -m geoservice.intake.classify.training``; writes ``weights.npz`` beside this file. The same texts give
the same weights. ``validation.py`` measures how well texts of each writer are read when learnt from the others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify import model as reader
from geoservice.intake.classify.features import BUCKETS, tokens
from geoservice.intake.classify.hearing import Ear, learn_ear
from geoservice.intake.classify.normalise import normalise
from geoservice.intake.classify.scan import read_chunk
from geoservice.intake.classify.variants import Variants
from geoservice.intake.classify.views import layers_of

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
LEXICON_WRITER = "lexicon"  # texts the rules were written from: rules look better on them than they are
VARIANT = "variant"
WEIGHTS_OF = {LEXICON_WRITER: 0.3, VARIANT: 0.15}
# Variants with a second symptom are most of what is known of texts with two.
WEIGHTS_ANYWHERE = {(VARIANT, True): 0.5, (VARIANT, False): 0.3}
SEEN = 2  # an n-gram of a single text tells nothing
MARGIN, MARGIN_ANYWHERE = 1.0, 0.5
GRAMS_A_WORD = 5  # keeps the sums near one, where the machine's penalty is usual
LIGHT = 0.03  # n-grams whose greatest weight is below this share of the greatest of all are not kept

Matrix = Any  # scipy.sparse has no types of its own


class Text(NamedTuple):
    """A labelled text and who wrote it."""

    text: str
    primary: str
    secondary: tuple[str, ...]
    writer: str
    direction: str = ""
    audio: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learnt:
    """Weights of the n-grams met, shape (n-grams, columns), bias, shape (columns,), and what hears."""

    classes: tuple[str, ...]
    buckets: NDArray[np.int32]
    weights: NDArray[np.int8]
    unit: NDArray[np.float32]
    bias: NDArray[np.float32]
    ear: Ear

    def model(self) -> reader.Model:
        """As the reader uses it."""
        return reader.thaw(self.classes, self.buckets, self.weights, self.unit, self.bias, self.ear)


def read_corpus(folder: Path = CORPUS) -> list[Text]:
    """Labelled texts; the writer is the file's name up to the first underscore."""
    return [text for path in sorted(folder.glob("*.csv")) for text in read_labelled(path)]


def read_labelled(path: Path) -> Iterable[Text]:
    """Texts of one file with columns text, primary and perhaps secondary, tags (``;`` between), direction, audio."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Text(
                row["text"],
                row["primary"],
                _several(row.get("secondary")),
                path.stem.split("_")[0],
                row.get("direction") or "",
                row.get("audio") or "",
                _several(row.get("tags")),
            )


def _several(cell: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (cell or "").split(";") if part.strip())


def table_of(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.float32]]:
    """N-grams of texts scaled as :func:`model.detect` scales them, shape (texts, BUCKETS), and each bucket's share."""
    from scipy.sparse import csr_matrix, diags_array

    from geoservice.intake.classify.kernels import collect, everything

    chunk = read_chunk(texts)
    words = tokens(chunk.joined)
    seen = layers_of(words, chunk.spans, len(texts))
    grams, ends = collect(*seen[:3], *seen[5:8], *everything(), np.zeros(len(texts), np.bool_))
    columns, first = grams[:, 0], grams[:, 1]
    shares = np.zeros(BUCKETS, np.float32)
    layer = np.searchsorted(seen.bounds[:, 0] - 1, first, "right") - 1  # a clause end stands before each
    for number, share in enumerate(seen.share):  # in a bucket of two layers the later counts
        shares[columns[layer == number]] = share
    table = csr_matrix((shares[columns], columns, ends), shape=(len(texts), BUCKETS))
    totals = np.maximum(reader.sizes(words, chunk.joined), 1) * GRAMS_A_WORD
    return csr_matrix(diags_array(1 / np.sqrt(totals)) @ table), shares


def variants_of(texts: Sequence[Text]) -> list[Text]:
    """Texts made from labelled ones (``variants.py``)."""
    own = [(text.text, text.primary) for text in texts if text.writer != LEXICON_WRITER]
    return [Text(text, code, (second,) if second else (), VARIANT) for text, code, second in Variants().of(own)]


def learn(texts: Sequence[Text]) -> Learnt:
    """One linear support vector machine a class, on all n-grams met often enough; rare ones count more."""
    from scipy.sparse import csr_matrix, diags_array, vstack
    from sklearn.svm import LinearSVC

    varied = variants_of(texts)
    table, shares = table_of([text.text for text in texts])
    times = np.bincount(table.indices, minlength=BUCKETS)
    met = np.flatnonzero(times >= SEEN)
    rarity = np.log(len(texts) / times[met]) / np.log(len(texts))
    more = table_of([text.text for text in varied])[0]
    inputs = csr_matrix(vstack((table[:, met], more[:, met])) @ diags_array(rarity))
    everything = [*texts, *varied]
    weight = np.array([_weight(text) for text in everything])
    machine = LinearSVC(C=MARGIN, random_state=0)
    codes = [text.primary for text in everything]
    machine.fit(inputs, codes, sample_weight=weight * _balance(codes))
    machines = [machine, *(_side(texts, inputs[: len(texts)], side) for side in reader.SIDES)]
    machines += _anywhere(everything, inputs, machine.classes_)
    weights = np.vstack([one.coef_ for one in machines]).T
    bias = np.concatenate([one.intercept_ for one in machines])
    scale = rarity * shares[met] / np.sqrt(GRAMS_A_WORD)
    return _kept(tuple(machine.classes_), met, weights * scale[:, None], bias, _ear(texts))


def _side(texts: Sequence[Text], inputs: Matrix, side: reader.Side) -> Any:
    """A machine that tells which of two ways texts of a class mean."""
    from sklearn.svm import LinearSVC

    told = [getattr(text, side.column) for text in texts]
    which = [place for place, text in enumerate(texts) if _says(text, side.code) and told[place] in side.ways]
    machine = LinearSVC(C=MARGIN, random_state=0, class_weight="balanced")
    return machine.fit(inputs[which], [told[place] == side.ways[0] for place in which])


def _anywhere(texts: Sequence[Text], inputs: Matrix, classes: Sequence[str]) -> Iterator[Any]:
    """A machine for each class that tells whether a text complains of it at all, first or beside another."""
    from sklearn.svm import LinearSVC

    some = [place for place, text in enumerate(texts) if text.writer != VARIANT or text.secondary or place % 3 == 0]
    own, told = inputs[some], [texts[place] for place in some]
    weight = np.array([WEIGHTS_ANYWHERE.get((text.writer, bool(text.secondary)), _weight(text)) for text in told])
    for code in classes:
        machine = LinearSVC(C=MARGIN_ANYWHERE, random_state=0)
        yield machine.fit(own, [_says(text, code) for text in told], sample_weight=weight)


def _weight(text: Text) -> float:
    return WEIGHTS_OF.get(text.writer, 1.0)


def _balance(codes: Sequence[str]) -> NDArray[np.float64]:
    """A rare class counts more: by the root of what would make all classes count alike (0170)."""
    _, which, times = np.unique(codes, return_inverse=True, return_counts=True)
    return np.sqrt(len(codes) / len(times) / times)[which]


def _ear(texts: Sequence[Text]) -> Ear:
    told = [text for text in texts if _says(text, "ONE_WAY_AUDIO") and text.audio in ("UL", "DL")]
    lines = normalise([text.text for text in told]).split("\n")
    return learn_ear(lines, np.array([text.audio == "UL" for text in told]))


def _says(text: Text, code: str) -> bool:
    return code == text.primary or code in text.secondary


def _kept(classes: tuple[str, ...], buckets: Any, weights: Any, bias: Any, ear: Ear) -> Learnt:
    """The n-grams that weigh, in whole numbers."""
    heaviest = np.abs(weights).max(axis=1)
    some = heaviest > LIGHT * heaviest.max()
    whole, unit = reader.freeze(weights[some].astype(np.float32))
    return Learnt(classes, buckets[some].astype(np.int32), whole, unit, bias.astype(np.float32), ear)


def save(learnt: Learnt, path: Path) -> None:
    """Write the weights."""
    np.savez_compressed(
        path,
        classes=np.array(learnt.classes),
        buckets=learnt.buckets,
        weights=learnt.weights,
        unit=learnt.unit.astype(np.float16),
        bias=learnt.bias,
        heard=np.array(list(learnt.ear.weights), np.int64),
        hearing=np.array(list(learnt.ear.weights.values()), np.float32),
        ear_bias=np.float32(learnt.ear.bias),
    )


def main() -> None:
    """Learn and save."""
    texts = read_corpus()
    save(learn(texts), HERE / reader.WEIGHTS)
    print(f"learnt from {len(texts)} texts: {HERE / reader.WEIGHTS}")


if __name__ == "__main__":
    main()
