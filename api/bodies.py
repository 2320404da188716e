"""Bodies as they must be: each key once, no NaN, no bottomless nesting. Python's reader would let all of that pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body.

        Raises
        ------
        HTTPException
            422: not UTF-8, a key stands twice in an object, or a number or the nesting is beyond all measure.
        json.JSONDecodeError
            It is no JSON.
        """
        body = await self.body()
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise HTTPException(422, "The body is not UTF-8.") from error
        try:
            return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            # Python refuses to read integers of thousands of digits.
            raise HTTPException(422, "A number or the nesting of the body is beyond measure.") from error


class StrictRoute(APIRoute):
    """Routes that take JSON; give it to a router as ``route_class``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, reading strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Which key is not said: callers type anything.
        raise HTTPException(422, "A key stands twice in one object of the body.")
    return found


def _no_constant(_text: str) -> Any:
    raise HTTPException(422, "NaN and Infinity are no JSON numbers.")
