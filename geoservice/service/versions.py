"""Versions of things people change: who changes one can say which version they had read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import orjson

from geoservice.errors import Changed

ANY = "*"


def version_of(answer: Mapping[str, Any]) -> str:
    """A short text that differs whenever anything in the answer differs."""
    return hashlib.blake2b(orjson.dumps(answer, option=orjson.OPT_SORT_KEYS, default=str), digest_size=12).hexdigest()


def check(answer: Mapping[str, Any], wanted: Collection[str] | None) -> None:
    """Refuse when the thing is in none of the versions the caller read.

    Raises
    ------
    Changed
        Someone was quicker.
    """
    if wanted is not None and ANY not in wanted and version_of(answer) not in wanted:
        raise Changed("it has changed since you read it; read it again and decide anew", field="If-Match")
