"""What only the whole file can say about a column: the extent of its numbers, which gives its unit away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from types import MappingProxyType

import numpy as np

from geoservice.parsing.numbers import floats
from geoservice.parsing.text import clean, normalised
from geoservice.records import RawChunk

# Columns whose unit is read off their values: indices or dBm, shares or per cent.
DECIDED_BY_FILE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "measurements": ("rsrp_dbm",),
        "kpis": ("prb_dl", "prb_ul"),
    }
)


def with_extremes(read: Callable[[], Iterator[RawChunk]], columns: Sequence[str]) -> Iterator[RawChunk]:
    """The chunks of a file, each with the extent of ``columns`` over all of them.

    A file of one chunk is read once; a longer one is looked through first (memory does not grow with it).

    Parameters
    ----------
    read : starts reading the file from its beginning.
    """
    chunks = read()
    head = list(islice(chunks, 2))
    if len(head) < 2:
        yield from head
        return
    found = extremes(chain(head, chunks), columns)
    del head
    for one in read():
        yield replace(one, extremes=found)


def extremes(chunks: Iterable[RawChunk], columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Least and greatest number of each column that the chunks bring; (inf, −inf) where none is a number."""
    found: dict[str, tuple[float, float]] = {}
    for chunk in chunks:
        for name in columns:
            if name in chunk.frame:
                low, high = _extent(chunk, name)
                before = found.get(name, (np.inf, -np.inf))
                found[name] = (min(before[0], low), max(before[1], high))
    return found


def _extent(chunk: RawChunk, name: str) -> tuple[float, float]:
    texts = normalised(clean(chunk.frame[name].astype("str"))).str.removesuffix("%")
    values, _ = floats(texts)
    known = values[np.isfinite(values)]
    return float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
