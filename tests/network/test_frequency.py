"""Channel numbers to MHz: values published in the standards and the handbook."""

from __future__ import annotations

import numpy as np
import pytest

from geoservice.network.frequency import downlink_mhz


@pytest.mark.parametrize(
    ("rat", "number", "mhz"),
    [
        ("LTE", 1300, 1815.0), ("LTE", 38400, 1895.0), ("LTE", 0, 2110.0), ("LTE", 100, 2120.0),
        ("LTE", 40936, 2624.6),
        ("LTE", 3683, 948.3), ("LTE", 9210, 758.0), ("LTE", 6200, 796.0), ("LTE", 66436, 2110.0),
        ("LTE", 68586, 617.0),
        ("NR", 504990, 2524.95), ("NR", 633984, 3509.76), ("NR", 152650, 763.25), ("NR", 2079167, 28000.08),
        ("UMTS", 10562, 2112.4), ("UMTS", 10838, 2167.6), ("GSM", 1, 935.2), ("GSM", 124, 959.8),
        ("GSM", 512, 1805.2), ("GSM", 975, 925.2),
    ],
)  # fmt: skip
def test_published_values(rat: str, number: int, mhz: float) -> None:
    assert downlink_mhz([rat], [number])[0] == pytest.approx(mhz, abs=1e-6)


@pytest.mark.parametrize(
    ("rat", "number"),
    [("LTE", 17_999), ("LTE", 70_700), ("NR", 500), ("NR", 3_279_166), ("GSM", 300), ("CDMA", 283), ("LTE", np.nan)],
)
def test_numbers_of_no_band(rat: str, number: float) -> None:
    assert np.isnan(downlink_mhz([rat], [number])[0])


def test_every_band_of_the_handbook(shared) -> None:  # type: ignore[no-untyped-def]
    import csv

    with (shared / "domain" / "bands.csv").open() as file:
        for band in csv.DictReader(file):
            first = float(band["n_min"])
            expected = float(band["dl_low_mhz"]) + 0.1 * (first - float(band["n_offs"]))
            assert downlink_mhz([band["rat"]], [first])[0] == pytest.approx(expected)
