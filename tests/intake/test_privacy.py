"""The secret, the keys and their independence from spelling."""

from __future__ import annotations

import hmac
from pathlib import Path

import pandas as pd
import pytest

from geoservice.errors import ConfigError
from geoservice.intake.privacy import customer_keys, keyed_hashes, load_secret, normalise_numbers
from tests.intake.helpers import SECRET


def test_the_secret_is_made_once_and_for_the_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOSERVICE_SECRET", raising=False)
    first = load_secret(tmp_path / "data")
    assert len(first) >= 32
    assert load_secret(tmp_path / "data") == first
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOSERVICE_SECRET", raising=False)
    load_secret(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_secret(tmp_path)


@pytest.mark.parametrize("weak", ["", "short", "a" * 64, "password" * 8])
def test_weak_secrets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("GEOSERVICE_SECRET", weak)
    with pytest.raises(ConfigError, match="weak"):
        load_secret(tmp_path)


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSERVICE_SECRET", "0123456789abcdefghijklmnopqrstuv")
    assert load_secret(tmp_path) == b"0123456789abcdefghijklmnopqrstuv"
    assert not list(tmp_path.iterdir())


def test_keys_are_hmac_sha256_of_the_international_number() -> None:
    purpose = hmac.digest(SECRET, b"customer", "sha256")
    expected = hmac.digest(purpose, b"+8613800138000", "sha256").hex()[:32]
    assert customer_keys(pd.Series(["138 0013 8000"], dtype="str"), SECRET).tolist() == [expected]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("13800138000", "+8613800138000"), ("008613800138000", "+8613800138000"), ("86 13800138000", "+8613800138000"),
        ("１３８ ００１３ ８０００", "+8613800138000"), ("13800138000.00", "+8613800138000"),
        ("\u202a13800138000\u202c", "+8613800138000"),
        ("+91 98765 43210", "+919876543210"), ("010-62345678", "+861062345678"), ("(028)8765 4321", "+862887654321"),
        ("10086", "10086"), ("c1002345", "C1002345"), ("138****8000", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_in_one_spelling(written: str, plain: str | None) -> None:
    values, bad = normalise_numbers(pd.Series([written], dtype="str"))
    assert not bad[0]
    assert values[0] == plain if plain else pd.isna(values[0])


def test_purposes_do_not_share_keys_and_missing_stays_missing() -> None:
    texts = pd.Series(["a", None, "a"], dtype="str", index=[5, 6, 7])
    one, two = keyed_hashes(texts, SECRET, "one"), keyed_hashes(texts, SECRET, "two")
    assert one[5] == one[7] != two[5]
    assert pd.isna(one[6])
    assert len(one[5]) == 32


def test_keys_are_hmac_sha256_of_the_text_under_a_key_of_the_purpose() -> None:
    """Against the library's own HMAC; stored keys depend on it for ever."""
    texts = ["+8613800138000", "", "投诉-1", "x" * 200, "key:abc"]
    for purpose in ("customer", "complaint", "a purpose longer than one block of SHA-256, which is sixty-four bytes"):
        key = hmac.digest(SECRET, purpose.encode(), "sha256")
        expected = [hmac.new(key, text.encode(), "sha256").hexdigest()[:32] for text in texts]
        assert keyed_hashes(pd.Series(texts, dtype="str"), SECRET, purpose).tolist() == expected
