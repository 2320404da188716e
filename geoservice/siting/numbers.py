"""Numbers of requests that last: what was asked for before keeps its number, and with it what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoservice import geodesy

_INDOOR = "DAS"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A site of a hotspot that is to be numbered; ``ring_m`` is the search ring its position may be found in."""

    type: str
    lat: float
    lon: float
    ring_m: float


def numbers(hotspot_id: str, wanted: Sequence[Wanted], known: pd.DataFrame | None) -> list[str]:
    """A number for each wanted site of a hotspot.

    A site that stands in the search ring of an earlier request of the same hotspot is that request (nearest
    first, one to one; indoor systems and outdoor sites are never the same). Others get numbers that were never used.

    Parameters
    ----------
    known : every request ever made: request_no, hotspot_id, type, lat, lon, search_ring_m; None when none was.

    >>> numbers("H1", [Wanted("macro", 30.0, 117.0, 50.0)], None)
    ['SR-H1']
    """
    earlier = None if known is None else known[known["hotspot_id"] == hotspot_id].reset_index(drop=True)
    again = {} if earlier is None or earlier.empty else _same(wanted, earlier)
    used = set() if earlier is None else set(earlier["request_no"])
    fresh = _fresh(hotspot_id, used, alone=len(wanted) == 1)
    return [again[i] if i in again else next(fresh) for i in range(len(wanted))]


def _same(wanted: Sequence[Wanted], earlier: pd.DataFrame) -> dict[int, str]:
    """Wanted site → number of the request it continues."""
    lat, lon = earlier["lat"].to_numpy(float), earlier["lon"].to_numpy(float)
    away = np.array([geodesy.distance_m(site.lat, site.lon, lat, lon) for site in wanted])
    ring = np.maximum.outer([site.ring_m for site in wanted], earlier["search_ring_m"].fillna(0.0).to_numpy(float))
    indoor = np.array([site.type == _INDOOR for site in wanted])
    alike = indoor[:, None] == (earlier["type"] == _INDOOR).to_numpy()
    rows, columns = np.nonzero((away <= ring) & alike)
    found: dict[int, str] = {}
    for at in np.argsort(away[rows, columns], kind="stable"):
        row, number = int(rows[at]), str(earlier["request_no"].iloc[columns[at]])
        if row not in found and number not in found.values():
            found[row] = number
    return found


def _fresh(hotspot_id: str, used: set[str], *, alone: bool) -> Iterator[str]:
    base, count = f"SR-{hotspot_id}", 1
    if alone and base not in used:
        yield base
    # The first of several is -1; beside an earlier one without a tail the next is -2.
    count += base in used
    while True:
        if (number := f"{base}-{count}") not in used:
            yield number
        count += 1
