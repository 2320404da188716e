"""What only the whole file can say about a column: what its numbers are like, which gives its meaning away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from types import MappingProxyType

from geoservice.parsing.numbers import floats
from geoservice.parsing.seen import NOTHING, seen_of, together
from geoservice.parsing.text import clean, normalised
from geoservice.records import RawChunk, Seen

# Columns whose meaning is read off their values: indices or dBm, shares or per cent, tenths, widths, kinds of doors.
DECIDED_BY_FILE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "measurements": ("rsrp_dbm",),
        "kpis": ("prb_dl", "prb_ul"),
        "cells": ("rs_power_dbm", "band", "indoor"),
    }
)


def with_seen(read: Callable[[], Iterator[RawChunk]], columns: Sequence[str]) -> Iterator[RawChunk]:
    """The chunks of a file, each with what the numbers of ``columns`` are like over all of them.

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
    found = whole(chain(head, chunks), columns)
    del head
    for one in read():
        yield replace(one, seen=found)


def whole(chunks: Iterable[RawChunk], columns: Sequence[str]) -> dict[str, Seen]:
    """What the numbers of each column that the chunks bring are like."""
    found: dict[str, Seen] = {}
    for chunk in chunks:
        for name in columns:
            if name in chunk.frame:
                found[name] = together((found.get(name, NOTHING), _seen(chunk, name)))
    return found


def _seen(chunk: RawChunk, name: str) -> Seen:
    texts = normalised(clean(chunk.frame[name].astype("str"))).str.removesuffix("%")
    return seen_of(floats(texts)[0])
