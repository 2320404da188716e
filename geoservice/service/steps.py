"""What a job is doing, as a code and in two languages; the words of the work itself are data (``steps.csv``)."""

from __future__ import annotations

import re
from functools import cache

from geoservice import names
from geoservice.export.words import word


def told(doing: str | None, language: names.Language) -> tuple[str | None, str | None]:
    """Code of a step and its words; a step nobody has named keeps its own words and has no code.

    >>> told("scan drop", "en"), told("1,200 rows", "zh")
    (('scan', 'looking for clusters (Dropped calls)'), ('rows', '已读 1,200 行'))
    >>> told(None, "zh"), told("something else", "zh")
    ((None, None), (None, 'something else'))
    """
    for step, pattern in _patterns():
        found = pattern.fullmatch(doing or "")
        if found:
            name = names.name_of("steps", step, language)
            return step, name.replace("{}", word("class_group", found[1], language)) if found.lastindex else name
    return None, doing or None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = names.catalogue("steps").values()
    return tuple((row["step"], re.compile(re.escape(row["said"]).replace(r"\{\}", "(.+)"))) for row in rows)
