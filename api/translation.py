"""Problems in the caller's language: the words are data, what has no translation stays as it is."""

from __future__ import annotations

import json
import re
from functools import cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.datastructures import Headers

_FILE = Path(__file__).parent / "ui" / "problems.json"
_LANGUAGES = ("zh", "en")


def wants_chinese(query: bytes, headers: Headers) -> bool:
    """Whether a caller asks for Chinese: ``?lang=``, the cookie of the pages, ``Accept-Language``; else English.

    Programs that wish nothing get English: they compare codes, and their logs are read by many.
    """
    for wish in (parse_qs(query.decode("latin-1")).get("lang", [""])[0], _cookie(headers)):
        if wish in _LANGUAGES:
            return wish == "zh"
    return _first(headers.get("accept-language", "")) == "zh"


def in_chinese(body: bytes) -> bytes:
    """A problem document with title, detail and the problems of fields in Chinese."""
    document: dict[str, Any] = orjson.loads(body)
    for name in ("title", "detail"):
        if isinstance(document.get(name), str):
            document[name] = translated(document[name])
    for error in document.get("errors", []):
        error["problem"] = translated(str(error.get("problem", "")))
    return orjson.dumps(document)


def translated(text: str) -> str:
    """``text`` in Chinese, or as it is."""
    titles, details = _words()
    if text in titles:
        return titles[text]
    for pattern, words in details:
        match = pattern.fullmatch(text)
        if match is not None:
            return match.expand(words)
    return text


@cache
def _words() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    found = json.loads(_FILE.read_text("utf-8"))
    return found["titles"], [(re.compile(pattern, re.DOTALL), words) for pattern, words in found["details"]]


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get("lang")
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _first(accepted: str) -> str | None:
    """The language wished for most (RFC 9110, 12.5.4) among ours."""
    wishes = []
    for position, part in enumerate(accepted.lower().split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, name[:2]))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wishes) if name in _LANGUAGES), None)
