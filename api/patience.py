"""Callers that dawdle: a body has to keep coming, a connection has to ask something, and one address holds but a share.

A server in plain asyncio waits for ever: one byte a second, or a connection that never says a word, costs the caller
nothing and us a place (CWE-400; known as slow loris).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any, ClassVar

from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.asgi import Message, Receive

# A body may take this long, and longer the more of it has come: 2 kB/s is slower than any line an office has.
BODY_S = 30.0
BODY_BYTES_PER_S = 2000.0
# From the first byte of a connection, and after each answer, to a whole head of a request.
HEAD_S = 15.0
# Connections one address may hold; a browser opens six. Proxies that were named stand for many.
CONNECTIONS_AN_ADDRESS = 200


class TooSlow(HTTPException):
    """The body did not come on; whoever reads it lets this kind of error pass."""

    def __init__(self) -> None:
        super().__init__(408, "Too slow")


def hurried(receive: Receive, base_s: float = BODY_S, bytes_per_s: float = BODY_BYTES_PER_S) -> Receive:
    """``receive`` that gives up on a body that does not keep coming (``TooSlow``)."""
    started = time.monotonic()
    seen, complete = 0, False

    async def receiver() -> Message:
        nonlocal seen, complete
        if complete:
            # What is waited for now is the end of the connection, and that may take any time.
            return await receive()
        left = started + base_s + seen / bytes_per_s - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0.001)):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow from error
        seen += len(message.get("body", b""))
        complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receiver


class PatientProtocol(H11Protocol):
    """uvicorn's own protocol, with an end to waiting for a request, and a share for each address."""

    head_s = HEAD_S
    most_connections = CONNECTIONS_AN_ADDRESS
    exempt: frozenset[str] = frozenset()
    _held: ClassVar[Counter[str]] = Counter()
    _holder: str | None = None
    _head_task: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection and begin to wait for a request; one too many is closed at once."""
        super().connection_made(transport)
        self._holder = self.client[0] if self.client else ""
        self._held[self._holder] += 1
        if self._holder not in self.exempt and self._held[self._holder] > self.most_connections:
            transport.abort()
            return
        self._head_task = self.loop.call_later(self.head_s, self._no_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        if self._holder is not None:
            self._held[self._holder] -= 1
            if self._held[self._holder] <= 0:
                del self._held[self._holder]
            self._holder = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came: once they make a request the waiting is over; a head in pieces does not win time."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif (before is None or before.response_complete) and self._head_task is None:
            self._head_task = self.loop.call_later(self.head_s, self._no_head)

    def _no_head(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_task is not None:
            self._head_task.cancel()
            self._head_task = None


def protocol(exempt: frozenset[str] = frozenset(), **limits: Any) -> type[PatientProtocol]:
    """A protocol of its own for one server: its counts, its proxies, its limits."""
    return type("ServerProtocol", (PatientProtocol,), {"exempt": exempt, "_held": Counter(), **limits})
