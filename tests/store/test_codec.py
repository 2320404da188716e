"""Values and hashes of rows: what is stored, and that the hash of a row never changes between versions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.store import codec
from geoservice.tables import COMPLAINTS, FIXES, Table, conform

KEY = "geoservice-rows1"


def fixes(rows: int = 500, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "complaint_id": rng.integers(0, rows // 2, rows).astype(str),
            "rank": rng.integers(0, 4, rows),
            "lat": np.where(rng.random(rows) < 0.1, np.nan, rng.uniform(-80, 80, rows)),
            "lon": rng.uniform(-180, 180, rows),
            "radius_m": rng.integers(20, 900, rows).astype(float),
            "precision": rng.choice(["gnss", "building", "street"], rows),
            "source": rng.choice(["coordinates", "gazetteer"], rows),
            "probability": rng.random(rows),
            "label": np.where(rng.random(rows) < 0.5, None, rng.choice(["南山区", "Pune, Maharashtra"], rows)),
            "conflict": pd.array(rng.choice([True, False, None], rows), "boolean"),
        }
    )
    return conform(frame, FIXES)


def complaints(rows: int = 300, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ids = np.char.add("T", rng.permutation(rows).astype(str))
    accepted = pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 10**9, rows), unit="ms")
    frame = pd.DataFrame(
        {
            "ticket_no": ids, "complaint_id": ids, "source": "s", "time_step": "instant", "class": "WEAK_SIGNAL",
            "accepted_at": accepted, "floor": pd.array(rng.choice([1, 2, None], rows), "Int64"),
            "items": [[{"class": "ECHO", "secondary": []}] if i % 3 == 0 else None for i in range(rows)],
        }
    )  # fmt: skip
    return conform(frame, COMPLAINTS)


def hashed_one_by_one(frame: pd.DataFrame, table: Table) -> np.ndarray:
    """The same hash, one value at a time: SipHash of its text (floats by their bits), salted, summed."""
    total = np.zeros(len(frame), np.uint64)
    for name in table.names:
        column = table.by_name[name]
        salt = pd.util.hash_array(np.array([name], object), hash_key=KEY)[0] | np.uint64(1)
        stored = codec.encode_column(frame[name], column)
        for i, value in enumerate(stored):
            if value is None:
                continue
            plain = np.array([value]) if column.dtype == "float" else np.array([str(value)], object)
            with np.errstate(over="ignore"):
                total[i] += (pd.util.hash_array(plain, hash_key=KEY)[0] ^ salt) * salt
    return total.view(np.int64)


@pytest.mark.parametrize(
    ("frame", "table"), [(fixes(), FIXES), (complaints(), COMPLAINTS)], ids=["fixes", "complaints"]
)
def test_a_row_hashes_as_value_by_value(frame: pd.DataFrame, table: Table) -> None:
    columns = [codec.encoded(frame[name], table.by_name[name]) for name in codec.filled(frame, table)]
    assert np.array_equal(codec.row_hashes(columns, len(frame)), hashed_one_by_one(frame, table))


@pytest.mark.parametrize(
    ("frame", "table"), [(fixes(), FIXES), (complaints(), COMPLAINTS)], ids=["fixes", "complaints"]
)
def test_values_are_those_of_the_plain_encoding(frame: pd.DataFrame, table: Table) -> None:
    for name, values in codec.encode(frame, table).items():
        assert codec.encoded(frame[name], table.by_name[name]).values.tolist() == values.tolist()


def test_hashes_of_known_rows_stay_what_stored_databases_hold() -> None:
    """A row imported by an earlier version must be recognised: these numbers were taken before this was rewritten."""
    frame = pd.DataFrame({"complaint_id": ["a", "b"], "rank": [0, 1], "precision": "gnss", "source": "coordinates",
                          "probability": [1.0, 0.5], "label": ["南山", None]})  # fmt: skip
    frame = conform(frame, FIXES)
    columns = [codec.encoded(frame[name], FIXES.by_name[name]) for name in codec.filled(frame, FIXES)]
    assert codec.row_hashes(columns, 2).tolist() == KNOWN


KNOWN = [-7270886081914740218, 8381429799940798792]
