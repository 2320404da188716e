"""Doors: who may come in, from where, with how much; and what a browser may do with our pages."""

from __future__ import annotations

import hashlib
import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.asgi import App, Connection, Message, Receive, Send
from api.errors import Problem, problem
from api.patience import hurried
from api.settings import Settings
from api.translation import in_chinese, wants_chinese

# Scripts and styles come from our own files only; nothing leaves the host. Leaflet positions its
# panes through style properties set by script, which needs no 'unsafe-inline'.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBLEM_MEDIA = Problem.media_type
_UPLOADS = ("/v1/complaints/import", "/v1/imports/")


class Doors:
    """ASGI middleware: host check, cross-site check, body limit, response headers. Who asks is the guard's affair."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = _hosts(settings)
        tiles = f" {_origin(settings.tiles)}" if settings.tiles else ""
        self._headers = {
            "Content-Security-Policy": CSP.format(tiles=tiles),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)  # type: ignore[arg-type]
        refusal, send = self._refusal(scope, headers), self._dressed(scope, headers, send)
        if refusal is not None:
            await problem(*refusal)(scope, receive, send)  # type: ignore[arg-type]
            return
        limit = self._limit(scope["path"])
        await self._app(scope, _limited(hurried(receive, self._settings.body_s), limit), send)

    def _refusal(self, scope: Connection, headers: Headers) -> tuple[int, str, str] | None:
        if self._hosts and _host_name(headers.get("host", "")) not in self._hosts:
            return 400, "Unknown host", "This server does not answer to that host name."
        if scope["method"] not in SAFE_METHODS and _cross_site(headers):
            return 403, "Cross-site request", "Requests that change something must come from our own pages."
        return self._too_large(scope, headers)

    def _limit(self, path: str) -> int:
        return self._settings.max_upload_bytes if path.startswith(_UPLOADS) else self._settings.max_body_bytes

    def _too_large(self, scope: Connection, headers: Headers) -> tuple[int, str, str] | None:
        length = headers.get("content-length")
        if length is None:
            return None
        if not (length.isascii() and length.isdigit() and len(length) < 19):
            return 400, "Wrong Content-Length", "The length must be a whole number."
        limit = self._limit(scope["path"])
        return (413, "Too large", f"At most {limit:,} bytes are taken here.") if int(length) > limit else None

    def _dressed(self, scope: Connection, headers: Headers, send: Send) -> Send:
        """Add our headers to every answer, and say problems in the caller's language."""
        chinese = wants_chinese(scope["query_string"], headers)
        held: Message | None = None

        async def sender(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                self._add_headers(message)
                if chinese and MutableHeaders(scope=message).get("content-type") == PROBLEM_MEDIA:  # type: ignore[arg-type]
                    held = message
                    return
            elif held is not None:
                body = in_chinese(message["body"])
                changed = MutableHeaders(scope=held)  # type: ignore[arg-type]
                changed["Content-Length"], changed["Content-Language"] = str(len(body)), "zh"
                first, held = held, None
                await send(first)
                message = {**message, "body": body}
            await send(message)

        return sender

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)  # type: ignore[arg-type]
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")


class EnvironmentKey:
    """The one key of ``GEOSERVICE_API_KEY``, if there is one; kept as its hash."""

    def __init__(self, key: str | None) -> None:
        self._hash = hashlib.sha256(key.encode()).digest() if key else None

    def matches(self, given: str) -> bool:
        """Whether this is the key; takes as long whatever is sent."""
        # Hash first: equal lengths for the constant-time comparison, and any bytes a caller sends are fine.
        offered = hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()
        return self._hash is not None and hmac.compare_digest(offered, self._hash)


class TooLarge(HTTPException):
    """The body grew past its limit while it was read; whoever reads it lets this kind of error pass."""

    def __init__(self) -> None:
        super().__init__(413, "Too large")


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receiver() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
        return message

    return receiver


def _cross_site(headers: Headers) -> bool:
    """Whether a browser says the request comes from another site (Fetch Metadata, else Origin)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host", "")


def _hosts(settings: Settings) -> frozenset[str]:
    """Host names we answer to; a local server only to local names (DNS rebinding)."""
    local = {"127.0.0.1", "localhost", "::1"} if settings.local else set()
    named = {settings.host} if settings.host not in {"0.0.0.0", "::"} else set()  # noqa: S104 - compared, not bound
    return (
        frozenset(local | named | set(settings.allowed_hosts))
        if local or named or settings.allowed_hosts
        else frozenset()
    )


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].replace('{s}', '*')}"
