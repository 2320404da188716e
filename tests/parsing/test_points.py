"""Coordinates: read, bounded, placeholders, swaps, datums."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.errors import InputError
from geoservice.parsing.points import crs_name, looks_swapped, read_points
from geoservice.parsing.rejects import Rejects


def frame(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("gcj-02", "GCJ02"), ("高德", "GCJ02"), ("Baidu", "BD09"), ("EPSG:4326", "WGS84"), (None, None)],
)
def test_datum_names(spelling: str | None, name: str | None) -> None:
    assert crs_name(spelling) == name


def test_unknown_datum() -> None:
    with pytest.raises(InputError, match="WGS84, GCJ02 or BD09"):
        crs_name("mars")


def test_mixed_datums_in_one_sheet() -> None:
    rows = frame(
        lat=["22.5431", "22.540383", "22.546042"],
        lon=["114.0579", "114.063014", "114.069564"],
        crs=[None, "GCJ02", "百度"],
    )
    points = read_points(rows, Rejects([1, 2, 3]), None)
    assert np.ptp(points.lat) < 3e-6
    assert np.ptp(points.lon) < 3e-6
    assert points.crs.tolist() == ["WGS84", "GCJ02", "BD09"]


@pytest.mark.parametrize(
    ("lat", "lon", "swapped"),
    [
        (114.06, 22.54, True),
        (77.59, 12.97, True),
        (22.54, 114.06, False),
        (69.65, 18.96, False),
        (-33.9, 151.2, False),
        (151.2, -33.9, True),
    ],
)
def test_swaps_by_habitability(lat: float, lon: float, swapped: bool) -> None:
    assert looks_swapped(np.array([lat]), np.array([lon])).tolist() == [swapped]


def test_svalbard_can_be_kept() -> None:
    rejects = Rejects([1])
    points = read_points(frame(lat=["78.22"], lon=["15.63"]), rejects, None, "keep")
    assert points.lat.tolist() == [78.22]
    assert rejects.kept.all()


def test_rejected_values_show_no_exact_place() -> None:
    rejects = Rejects([5])
    read_points(frame(lat=["104.123456"], lon=["30.654321"]), rejects, None)
    assert rejects.frame()["value"].tolist() == ["104,31"]
