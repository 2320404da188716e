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

from geoservice.names import ranked

_FILE = Path(__file__).parent / "ui" / "problems.json"
_LANGUAGES = ("zh", "en")
_PLACE = re.compile(r"\{(\d)\}")


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
    """``text`` in Chinese, or as it is; what fills a place is said in Chinese too where there are words for it."""
    plain, patterns = _words()
    if text in plain:
        return plain[text]
    for pattern, words in patterns:
        match = pattern.fullmatch(text)
        if match is not None:
            return _filled(words, [translated(group) for group in match.groups()])
    return text


def _filled(words: str, parts: list[str]) -> str:
    return _PLACE.sub(lambda place: parts[int(place[1]) - 1], words)


@cache
def _words() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Whole texts, and patterns of those with places to fill (``{}``; ``{1}`` in Chinese), the most definite first."""
    found: dict[str, str] = json.loads(_FILE.read_text("utf-8"))
    open_ = sorted((text for text in found if "{}" in text), key=lambda text: (-len(text.replace("{}", "")), text))
    compiled = [(re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL), found[text]) for text in open_]
    return {text: words for text, words in found.items() if "{}" not in text}, compiled


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get("lang")
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _first(accepted: str) -> str | None:
    """The language wished for most (RFC 9110, 12.5.4) among ours."""
    return next((code[:2] for code in ranked(accepted) if code[:2] in _LANGUAGES), None)
