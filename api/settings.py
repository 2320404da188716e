"""Settings of one server process, read from the environment only at the edge."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import ConfigError

_MIN_KEY_LENGTH = 24
# The host stands in the policy of every page: nothing in it may be read as more than a host.
_TILES = re.compile(
    r"https?://(?:\{s\}\.)?[A-Za-z0-9.-]+(?::\d{1,5})?/(?=[^ ]*\{z\})(?=[^ ]*\{x\})(?=[^ ]*\{y\})[\w./{}@?=&%-]+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server runs.

    A server that only this machine can reach is open: no log-in, everything allowed. Listening elsewhere, standing
    behind a proxy, ``login`` or an ``api_key`` (one key with the role admin) close it.
    ``body_s`` is how long a body may take to come, beyond 2 kB a second.
    ``tiles`` is the URL template of an operator's own tile server (default: no background tiles).
    ``rate_per_s`` and ``rate_burst`` bound the requests of one address (0: no bound); behind a proxy its address
    goes into ``trusted_proxies``, or all callers share the proxy's bound. ``discreet`` shows everybody, also in local
    mode, no more of customers than a planner sees.
    """

    database: str | None = None
    folder: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    timezone: str = DEFAULT_TIMEZONE
    thresholds: Path | None = None
    api_key: str | None = field(default=None, repr=False)
    tiles: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    max_body_bytes: int = 2_000_000
    max_upload_bytes: int = 512_000_000
    body_s: float = 30.0
    rate_per_s: float = 1000.0
    rate_burst: int = 5000
    trusted_proxies: tuple[str, ...] = ()
    login: bool = False
    discreet: bool = False

    @property
    def open(self) -> bool:
        """Whether everyone who reaches the server may do everything."""
        through_others = bool(self.trusted_proxies or self.allowed_hosts)
        return self.local and not (self.login or self.api_key or through_others)

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def checked(self) -> Settings:
        """These settings if they are safe to serve with.

        Raises
        ------
        ConfigError
            The key of the environment is too short, or the address of the tiles is none that browsers can be sent to.
        """
        if self.api_key is not None and len(self.api_key) < _MIN_KEY_LENGTH:
            raise ConfigError(f"GEOSERVICE_API_KEY is too short; use at least {_MIN_KEY_LENGTH} random characters")
        if self.tiles is not None and not _TILES.fullmatch(self.tiles):
            raise ConfigError(
                "GEOSERVICE_TILES must look like https://tiles.example/{z}/{x}/{y}.png: http or https, a host name, no "
                "user name in it, and the three places for zoom, column and row"
            )
        return self


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``GEOSERVICE_…`` variables.

    Raises
    ------
    ConfigError
        A variable that must be a number or an address is none.
    """
    env = os.environ if environment is None else environment
    return Settings(
        database=env.get("GEOSERVICE_DATABASE_URL"),
        folder=Path(env["GEOSERVICE_FOLDER"]) if env.get("GEOSERVICE_FOLDER") else None,
        host=env.get("GEOSERVICE_HOST", "127.0.0.1"),
        port=int(_number(env, "GEOSERVICE_PORT", 8000, 1, 65_535)),
        timezone=env.get("GEOSERVICE_TIMEZONE", DEFAULT_TIMEZONE),
        thresholds=Path(env["GEOSERVICE_THRESHOLDS"]) if env.get("GEOSERVICE_THRESHOLDS") else None,
        api_key=env.get("GEOSERVICE_API_KEY") or None,
        tiles=env.get("GEOSERVICE_TILES") or None,
        allowed_hosts=_listed(env, "GEOSERVICE_ALLOWED_HOSTS"),
        rate_per_s=_number(env, "GEOSERVICE_RATE_PER_S", 1000, 0, 1e6),
        rate_burst=int(_number(env, "GEOSERVICE_RATE_BURST", 5000, 0, 1e6)),
        trusted_proxies=_addresses(env, "GEOSERVICE_TRUSTED_PROXIES"),
        login=_flag(env, "GEOSERVICE_LOGIN"),
        discreet=_flag(env, "GEOSERVICE_DISCREET"),
    )


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _addresses(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Addresses written as the server will see them: a proxy misspelt here would silently not be trusted."""
    found = []
    for part in _listed(env, name):
        try:
            found.append(str(ip_address(part)))
        except ValueError as error:
            raise ConfigError(f"{name} takes IP addresses, parted by commas; {part[:60]!r} is none") from error
    return tuple(found)


def _number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = env.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{name} must be a number, not {text[:60]!r}") from error
    if not low <= value <= high:
        raise ConfigError(f"{name} must lie between {low:g} and {high:g}, not {text[:60]}")
    return value


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in {"1", "true", "yes", "on"}
