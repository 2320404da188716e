"""HTTP for online geocoders that cannot be turned against us.

The host is resolved once and the connection goes to that very address (no rebinding), which must
be public or expressly allowed; redirects are refused and the answer is bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from geoservice.errors import ConfigError, InputError

MAX_ANSWER_BYTES = 1_000_000


def check_host(host: str, allowed: frozenset[str]) -> str:
    """The address to connect to for ``host``.

    Raises
    ------
    ConfigError
        The host has no address, or one that is not public and is not in ``allowed`` (host names or addresses).
    """
    try:
        found = sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"geocoder host {host!r} has no address", code="geocoder-host") from error
    if host not in allowed:
        for address in found:
            if not ipaddress.ip_address(address.partition("%")[0]).is_global and address not in allowed:
                raise ConfigError(
                    f"geocoder host {host!r} is not public; allow it by name if that is meant", code="geocoder-host"
                )
    return found[0]


def fetch(url: str, headers: Mapping[str, str], timeout_s: float, allowed: frozenset[str]) -> bytes:
    """Body of a GET answered with 200.

    Raises
    ------
    ConfigError
        The address is not allowed (see :func:`check_host`) or not http(s).
    InputError
        No answer in time, another status (redirects too), or more than 1 MB.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("a geocoder is reached by http or https", code="geocoder-host")
    address = check_host(parts.hostname, allowed)
    connection = _connection(parts.scheme, parts.hostname, parts.port, address, timeout_s)
    try:
        connection.request("GET", f"{parts.path or '/'}?{parts.query}", headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read(MAX_ANSWER_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise InputError(f"the geocoder did not answer ({type(error).__name__})", code="geocoder") from error
    finally:
        connection.close()
    if answer.status != 200 or len(body) > MAX_ANSWER_BYTES:
        raise InputError(f"the geocoder answered {answer.status}, {len(body)} bytes", code="geocoder")
    return body


def adapter_class(allowed: frozenset[str]) -> Any:
    """A geopy adapter that fetches with :func:`fetch`."""
    from geopy.adapters import BaseSyncAdapter

    class GuardedAdapter(BaseSyncAdapter):  # type: ignore[misc]
        """geopy's transport, guarded."""

        def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
            return fetch(url, headers, float(timeout), allowed).decode("utf-8", "replace")

        def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
            try:
                return json.loads(self.get_text(url, timeout=timeout, headers=headers))
            except (ValueError, RecursionError) as error:
                raise InputError("the geocoder did not answer with JSON", code="geocoder") from error

    return GuardedAdapter


def _connection(scheme: str, host: str, port: int | None, address: str, timeout_s: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return _PinnedHttp(host, port, address, timeout_s)
    return _PinnedHttps(host, port, address, timeout_s)


class _PinnedHttp(http.client.HTTPConnection):
    """Speaks to ``host`` at an address already checked."""

    def __init__(self, host: str, port: int | None, address: str, timeout_s: float):
        super().__init__(host, port, timeout=timeout_s)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedHttps(http.client.HTTPSConnection):
    """The same over TLS; the certificate is checked for the name."""

    def __init__(self, host: str, port: int | None, address: str, timeout_s: float):
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout_s, context=self._tls)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
