"""Classes that files bring along, under their own names, to our codes."""

from __future__ import annotations

import csv
import unicodedata
from functools import lru_cache
from importlib.resources import files

import pandas as pd


def _key(name: str) -> str:
    """Compare names without case, blanks and punctuation."""
    return "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    source = (files("geoservice.reference") / "classes.csv").read_text("utf-8")
    for row in csv.DictReader(source.splitlines()):
        names = [row["class"], row["name_en"], row["name_zh"], *row["name_zh"].split("/")]
        codes |= {_key(name): row["class"] for name in names}
    synonyms = (files(__package__) / "given.csv").read_text("utf-8")
    codes |= {_key(row["name"]): row["class"] for row in csv.DictReader(synonyms.splitlines())}
    return codes


def given_code(name: str) -> str | None:
    """The class code of one name, None where it is unknown."""
    return _codes().get(_key(name))


def given_class(values: pd.Series) -> pd.Series:
    """Map structured classes to class codes.

    Parameters
    ----------
    values : class codes, their Chinese or English names, usual synonyms, or MyCall categories; any dtype.

    Returns
    -------
    Series of codes on the same index, NaN where the name is unknown or missing.
    """
    distinct = {value: given_code(value) for value in values.dropna().unique() if isinstance(value, str)}
    return values.map(distinct).astype("str")
