"""A query that is nothing but two numbers: a point, or a clear word why it is none."""

from __future__ import annotations

import re

import numpy as np

from geoservice.errors import InputError
from geoservice.locate.text_coordinates import Region

_NUMBER = r"[+\-−]?(?:\d+(?:[.．]\d*)?|[.]\d+)(?:[eE][+\-]?\d+)?|[+\-]?(?:nan|inf(?:inity)?)"
_PAIR = re.compile(rf"\s*[(（]?\s*({_NUMBER})\s*[,，;；\s]\s*({_NUMBER})\s*[)）]?\s*", re.IGNORECASE)
_NULL_ISLAND_DEG = 1.5  # no land lies within that of 0°N 0°E: exports write 0,0 and −1,−1 for "unknown"


def check_asked_point(query: str, region: Region | None) -> bool:
    """Whether the query is a pair of numbers that has to be read longitude first.

    Raises
    ------
    InputError
        The pair is no place: a placeholder, not finite, or off the globe in either order; or it is one only
        with the longitude first and then lies far from everything on file.
    """
    found = _PAIR.fullmatch(query)
    if found is None:
        return False
    first, second = (float(text.replace("−", "-").replace("．", ".")) for text in found.groups())
    if not np.isfinite([first, second]).all():
        raise InputError("the coordinates are no finite numbers; write latitude,longitude in degrees", field="query")
    if abs(first) <= _NULL_ISLAND_DEG and abs(second) <= _NULL_ISLAND_DEG:
        raise InputError(
            "0,0 stands for unknown coordinates, not for a place; give an address or the point itself", field="query"
        )
    if abs(first) <= 90 and abs(second) <= 180:
        return False
    if abs(first) > 180 or abs(second) > 90:
        raise InputError("no such point: latitude is −90…90, longitude −180…180", field="query")
    if region is not None and not region.holds(second, first):
        hint = f"if the longitude stands first, write {second:g},{first:g}"
        raise InputError(f"latitude {first:g} is outside −90…90; {hint}", field="query")
    return True
