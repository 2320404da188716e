"""Settings of one server process, read from the environment only at the edge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import ConfigError

_MIN_KEY_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server runs.

    A server that only this machine can reach is open: no log-in, everything allowed. Listening elsewhere, standing
    behind a proxy, ``login`` or an ``api_key`` (one key with the role admin) close it.
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
            The key of the environment is too short.
        """
        if self.api_key is not None and len(self.api_key) < _MIN_KEY_LENGTH:
            raise ConfigError(f"GEOSERVICE_API_KEY is too short; use at least {_MIN_KEY_LENGTH} random characters")
        return self


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``GEOSERVICE_…`` variables."""
    env = os.environ if environment is None else environment
    return Settings(
        database=env.get("GEOSERVICE_DATABASE_URL"),
        folder=Path(env["GEOSERVICE_FOLDER"]) if env.get("GEOSERVICE_FOLDER") else None,
        host=env.get("GEOSERVICE_HOST", "127.0.0.1"),
        port=int(env.get("GEOSERVICE_PORT", "8000")),
        timezone=env.get("GEOSERVICE_TIMEZONE", DEFAULT_TIMEZONE),
        thresholds=Path(env["GEOSERVICE_THRESHOLDS"]) if env.get("GEOSERVICE_THRESHOLDS") else None,
        api_key=env.get("GEOSERVICE_API_KEY") or None,
        tiles=env.get("GEOSERVICE_TILES") or None,
        allowed_hosts=tuple(filter(None, env.get("GEOSERVICE_ALLOWED_HOSTS", "").split(","))),
        rate_per_s=float(env.get("GEOSERVICE_RATE_PER_S", "1000")),
        rate_burst=int(env.get("GEOSERVICE_RATE_BURST", "5000")),
        trusted_proxies=tuple(filter(None, env.get("GEOSERVICE_TRUSTED_PROXIES", "").split(","))),
        login=_flag(env, "GEOSERVICE_LOGIN"),
        discreet=_flag(env, "GEOSERVICE_DISCREET"),
    )


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in {"1", "true", "yes", "on"}
