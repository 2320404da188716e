"""Who called whom with what: numbers become keys, an IMEI its type code."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.intake.optional_fields import Notes
from geoservice.intake.privacy import keyed_hashes, mask, normalise_numbers
from geoservice.parsing.numbers import whole_texts
from geoservice.parsing.text import blank, normalised

# Short-message centres of the Chinese networks (13800 area 500, 13010 area 500): machines, nobody's number.
_SMS_CENTRE = r"^(?:\+?86|0086)?13[08]\d{5}500$"
# Classes whose trouble has a direction (handbook section 3).
_DIRECTED = ("ACCESS_FAILURE", "NOT_IN_SERVICE_MSG")


def numbers_or_keys(frame: pd.DataFrame, number: str, key: str) -> tuple[pd.Series, np.ndarray]:
    """Normalised numbers of a column, with the given key standing in where there is no number; and odd numbers.

    Hashed with purpose ``customer`` both kinds of party are comparable: the key of the calling number is
    the customer's when the customer called.
    """
    nothing = pd.Series(None, index=frame.index, dtype="str")
    plain, bad = normalise_numbers(frame.get(number, nothing))
    given = "key:" + frame.get(key, nothing)
    return plain.where(plain.notna(), given).astype("str"), bad


def party_fields(frame: pd.DataFrame, notes: Notes, secret: bytes) -> dict[str, pd.Series]:
    """Columns calling_hash, called_hash, tac8 and sms_centre that ``frame`` brings."""
    found: dict[str, pd.Series] = {}
    for party in ("calling", "called"):
        if f"{party}_no" in frame or f"{party}_hash" in frame:
            numbers, bad = numbers_or_keys(frame, f"{party}_no", f"{party}_hash")
            notes.add(int(bad.sum()), f"values of {party}_no are no telephone numbers and were left out")
            found[f"{party}_hash"] = keyed_hashes(numbers.mask(bad), secret, "customer")
    if "tac8" in frame:
        found["tac8"] = _type_code(frame["tac8"], notes)
    if "sms_centre" in frame:
        found["sms_centre"] = _sms_centre(frame["sms_centre"])
    return found


def directions(classes: pd.Series, customer: pd.Series, parties: pd.DataFrame) -> pd.Series:
    """``MO`` where the customer called, ``MT`` where the customer was called; missing where neither is known."""
    direction = pd.Series(None, index=classes.index, dtype="str")
    for party, word in (("calling_hash", "MO"), ("called_hash", "MT")):
        if party in parties:
            direction = direction.mask((parties[party] == customer).fillna(False), word)
    return direction.where(classes.isin(_DIRECTED))


def _type_code(texts: pd.Series, notes: Notes) -> pd.Series:
    """Eight digits, or the first eight of an IMEI (14 to 16 digits); the rest names one handset and is dropped."""
    plain, lossy = whole_texts(texts)
    digits = normalised(plain).str.replace(r"[\s\-/]", "", regex=True)
    codes = digits.str.extract(r"^(\d{8})(?:\d{6,8})?$", expand=False)
    odd = (codes.isna().to_numpy() & ~blank(texts)) | lossy
    notes.add(int(odd.sum()), "values of tac8 are no type allocation codes (8 digits) and were left out")
    return codes.mask(odd).astype("str")


def _sms_centre(texts: pd.Series) -> pd.Series:
    """Kept where it is a known centre's number; anything else that looks like a number is masked."""
    plain = normalised(texts).str.replace(r"[\s\-]", "", regex=True)
    centre = plain.str.contains(_SMS_CENTRE, regex=True).fillna(False)
    return plain.where(centre, mask(texts).str.slice(0, 60)).astype("str")
