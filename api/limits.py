"""How much one address may ask: a token bucket each, and 429 with Retry-After when it is empty."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from api.asgi import App, Connection, Message, Receive, Send
from api.errors import problem

# Least recently seen addresses are forgotten first: a flood of addresses cannot fill the memory.
_MOST_ADDRESSES = 10_000
# A person mistypes a key a few times; who tries thirty a minute is guessing.
_WRONG_KEYS_PER_S = 0.5
_WRONG_KEYS_BURST = 20
_FREE_PATHS = frozenset({"/healthz"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Buckets:
    """Token buckets by name: ``rate`` tokens a second, at most ``burst`` saved up."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take one token: 0 if there was one, else the seconds until there is."""
        now = self._clock()
        level, seen = self._levels.pop(name, (self._burst, now))
        level = min(self._burst, level + (now - seen) * self._rate)
        wait = 0.0 if level >= 1 else (1 - level) / self._rate
        self._levels[name] = (level - 1 if wait == 0 else level, now)
        if len(self._levels) > _MOST_ADDRESSES:
            self._levels.popitem(last=False)
        return wait

    def forget(self, name: str) -> None:
        """Fill a bucket up."""
        self._levels.pop(name, None)

    def give_back(self, name: str) -> None:
        """Put one token back."""
        if name in self._levels:
            level, seen = self._levels[name]
            self._levels[name] = (min(self._burst, level + 1), seen)


class Limited:
    """ASGI middleware: one bucket an address, and a far smaller one for wrong keys."""

    def __init__(self, app: App, buckets: Buckets) -> None:
        self._app = app
        self._buckets = buckets
        self._failures = Buckets(_WRONG_KEYS_PER_S, _WRONG_KEYS_BURST)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Let a request in, or say when to come back."""
        if scope["type"] == "http" and scope["path"] not in _FREE_PATHS:
            wait = self._buckets.take(principal(scope))
            if wait > 0:
                await _refusal(wait)(scope, receive, send)
                return
            send = self._guarded(scope, receive, send)
        await self._app(scope, receive, send)

    def _guarded(self, scope: Connection, receive: Receive, send: Send) -> Send:
        """Turn one 401 too many into a 429. A right key is let in all the same: guessing locks nobody else out."""
        swallowed = False

        async def sender(message: Message) -> None:
            nonlocal swallowed
            if message["type"] == "http.response.start" and message["status"] == 401:
                wait = self._failures.take(principal(scope))
                if wait > 0:
                    swallowed = True
                    await _refusal(wait)(scope, receive, send)
            if not swallowed:
                await send(message)

        return sender


def principal(scope: Connection) -> str:
    """Whose bucket: the address of the connection; an IPv6 customer has a whole /64.

    ``X-Forwarded-For`` is not read here: anyone can write it. A trusted proxy is named to the server instead.
    """
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _refusal(wait: float) -> App:
    answer = problem(429, "Too many requests", "This address asks faster than it may; wait and try again.")
    answer.headers.update({**_HEADERS, "Retry-After": str(max(1, math.ceil(wait)))})
    return answer  # type: ignore[return-value]
