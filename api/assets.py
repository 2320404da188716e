"""Scripts and styles: kept by the browser, asked after each time; a new version is seen at once."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.staticfiles import StaticFiles


class Assets(StaticFiles):
    """Static files with an entity tag that a browser may keep: they hold nothing of anybody."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        """The file, or 304 when the browser has it."""
        answer: Response = super().file_response(*arguments, **named)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
