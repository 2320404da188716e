"""Personal data stops here: the secret, the keys that stand for customers, the masking of texts."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoservice.errors import ConfigError
from geoservice.parsing.masking import mask
from geoservice.parsing.text import Mask, arrow, blank, matches, normalised, series

__all__ = ["customer_keys", "keyed_hash", "keyed_hashes", "load_secret", "mask", "normalise_numbers"]

SECRET_FILE = "secret.key"  # noqa: S105 - the name of the file, not the secret
SECRET_VARIABLE = "GEOSERVICE_SECRET"  # noqa: S105
_MIN_BYTES, _MIN_DISTINCT = 32, 10
# Handsets and exports put these between digits; they carry no meaning.
_SEPARATORS = r"[\s\-‐‑‒–—.()/\x{200b}-\x{200f}\x{202a}-\x{202e}\x{feff}]"
_MOBILE_CN = r"^1[3-9]\d{9}$"


def load_secret(folder: Path) -> bytes:
    """The secret that keys every pseudonym: from the environment, else from the data folder.

    It is made once (32 random bytes, readable by the owner only) and must never change, or
    known customers become strangers.

    Raises
    ------
    ConfigError
        The secret is short or repetitive, or others can read its file.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given is not None:
        return _checked(given.encode(), f"environment variable {SECRET_VARIABLE}")
    path = Path(folder) / SECRET_FILE
    if not path.exists():
        _create(path)
    _check_rights(path)
    return _checked(path.read_bytes().strip(), str(path))


def customer_keys(numbers: pd.Series, secret: bytes) -> pd.Series:
    """Pseudonymous keys (32 hexadecimal digits of HMAC-SHA256) of telephone numbers or customer ids.

    Equal numbers in any spelling have one key. Missing where the number is missing, masked at the
    source (``138****8000``) or refused by :func:`normalise_numbers`.
    """
    plain, _ = normalise_numbers(numbers)
    return keyed_hashes(plain, secret, "customer")


def normalise_numbers(numbers: pd.Series, region: str = "CN") -> tuple[pd.Series, Mask]:
    """Numbers in one spelling (E.164 where they are telephone numbers), and where one is no number at all.

    Takes full-width digits, separators, ``+86``/``0086``/``86``, a leading 0 and the ``.0`` of
    spreadsheets. Refused: scientific notation (digits are lost), fewer than 5 or more than 15
    digits, plain words. Other identifiers with digits are kept as they are.
    """
    whole = pc.replace_substring_regex(arrow(normalised(numbers)), pattern=r"^([+\d\s\-()]+)\.0+$", replacement=r"\1")
    cleaned = pc.replace_substring_regex(whole, pattern=_SEPARATORS, replacement="")
    national = pc.replace_substring_regex(cleaned, pattern=r"^(?:\+?86|0086|086|0)?(1[3-9]\d{9})$", replacement=r"\1")
    mobile = matches(national, _MOBILE_CN)
    result = pc.if_else(pa.array(mobile), pc.binary_join_element_wise(_text("+86"), national, _text("")), cleaned)
    plain = series(result, numbers.index)
    other = ~mobile & ~blank(numbers)
    if not other.any():
        return plain, other
    rest = plain[other].map(_normaliser(region))
    masked_at_source = other & matches(cleaned, r"\*|[Xx]{3,}")
    plain = plain.mask(other, rest.reindex(plain.index)).mask(masked_at_source)
    return plain.astype("str"), np.asarray(other & plain.isna() & ~masked_at_source)


def keyed_hashes(texts: pd.Series, secret: bytes, purpose: str) -> pd.Series:
    """HMAC-SHA256 of each text under the secret, cut to 128 bits; one purpose's keys say nothing of another's."""
    key = hmac.digest(secret, purpose.encode(), "sha256")
    inner, outer = _pads(key)
    hashes = [None if text is None else _hash(inner, outer, text) for text in arrow(texts).to_pylist()]
    return series(pa.array(hashes, pa.large_string()), texts.index)


def keyed_hash(text: str, secret: bytes, purpose: str) -> str:
    """:func:`keyed_hashes` for a single text."""
    return _hash(*_pads(hmac.digest(secret, purpose.encode(), "sha256")), text)


def _pads(key: bytes) -> tuple[Any, Any]:
    """The two states of HMAC (RFC 2104 section 2) after the key: copied for each text, they are made once."""
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    return tuple(hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))  # type: ignore[return-value]


def _hash(inner: Any, outer: Any, text: str) -> str:
    first, second = inner.copy(), outer.copy()
    first.update(text.encode("utf-8", "surrogatepass"))
    second.update(first.digest())
    return str(second.hexdigest()[:32])


def joined(columns: Iterable[pd.Series]) -> pd.Series:
    """Columns joined row by row with a separator that no field holds; missing counts as empty."""
    parts = list(columns)
    arrays = [pc.fill_null(arrow(column), "") for column in parts]
    return series(pc.binary_join_element_wise(*arrays, _text("\x1f")), parts[0].index)


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _normaliser(region: str) -> Callable[[object], str | None]:
    @lru_cache(maxsize=100_000)
    def one(number: str) -> str | None:
        return _normalised_one(number, region)

    return lambda value: one(value) if isinstance(value, str) else None


def _normalised_one(number: str, region: str) -> str | None:
    import phonenumbers

    if re.fullmatch(r"\d(\.?\d+)?[eE]\+?\d+", number):
        return None
    digits = re.fullmatch(r"\+?(\d+)", number)
    if digits is None:
        return _identifier(number)
    if not 5 <= len(digits[1]) <= 15:
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return digits[1]
    if phonenumbers.is_valid_number(parsed):
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return digits[1]


def _identifier(text: str) -> str | None:
    """An account id such as ``C1002345``; a word without digits identifies nobody."""
    usable = re.fullmatch(r"[A-Za-z0-9_#:]{4,64}", text) and sum(c.isdigit() for c in text) >= 3
    return text.upper() if usable else None


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32).hex().encode())
        file.flush()
        os.fsync(file.fileno())


def _check_rights(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"{path}: others can read the secret; run chmod 600 on it", field="secret")


def _checked(secret: bytes, where: str) -> bytes:
    if len(secret) < _MIN_BYTES or len(set(secret)) < _MIN_DISTINCT:
        raise ConfigError(f"{where}: the secret is weak; give at least 32 random bytes", field="secret")
    return secret
