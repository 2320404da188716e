"""Which online geocoder a deployment switched on, if any."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from geoservice.errors import ConfigError

# Datum of each provider's answers.
PROVIDERS = {"nominatim": "WGS84", "photon": "WGS84", "baidu": "BD09", "amap": "GCJ02"}
_PREFIX = "GEOSERVICE_GEOCODER"
_SLOWEST_S = 30.0


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """How a geocoder is reached.

    ``allowed_hosts`` are hosts or addresses that may be private (one's own Nominatim in the intranet).
    """

    provider: str
    domain: str | None = None
    scheme: str = "https"
    api_key: str | None = None
    user_agent: str = "signal-geoservice"
    per_second: float = 1.0
    timeout_s: float = 5.0
    allowed_hosts: frozenset[str] = frozenset()


def online_settings(environment: Mapping[str, str] | None = None) -> OnlineSettings | None:
    """What ``GEOSERVICE_GEOCODER…`` says; None when nothing is switched on.

    ``GEOSERVICE_GEOCODER`` is the provider, ``…_URL`` one's own server (``https://host[:port][/path]``), ``…_KEY`` its
    key, ``…_PER_S`` how often it may be asked, ``…_TIMEOUT_S`` how long it may take, ``…_PRIVATE_HOSTS`` the hosts or
    addresses inside one's own network that are meant.

    Raises
    ------
    ConfigError
        The provider is unknown, or one of the values is not what it should be.
    """
    env = os.environ if environment is None else environment
    provider = env.get(_PREFIX, "").strip().lower()
    if not provider:
        return None
    if provider not in PROVIDERS:
        raise ConfigError(f"{_PREFIX} must be one of {', '.join(PROVIDERS)}, not {provider[:40]!r}")
    scheme, domain = _address(env.get(f"{_PREFIX}_URL", "").strip())
    return OnlineSettings(
        provider=provider,
        domain=domain,
        scheme=scheme,
        api_key=env.get(f"{_PREFIX}_KEY") or None,
        per_second=_positive(env, "PER_S", 1.0, 1000.0),
        timeout_s=_positive(env, "TIMEOUT_S", 5.0, _SLOWEST_S),
        allowed_hosts=frozenset(part.strip() for part in env.get(f"{_PREFIX}_PRIVATE_HOSTS", "").split(",")) - {""},
    )


def _address(url: str) -> tuple[str, str | None]:
    if not url:
        return "https", None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ConfigError(f"{_PREFIX}_URL must look like https://geocoder.example[:port][/path], without a user name")
    return parts.scheme, f"{parts.netloc}{parts.path}".rstrip("/")


def _positive(env: Mapping[str, str], name: str, default: float, most: float) -> float:
    text = env.get(f"{_PREFIX}_{name}", "").strip()
    try:
        value = float(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{_PREFIX}_{name} must be a number, not {text[:40]!r}") from error
    if not 0 < value <= most:
        raise ConfigError(f"{_PREFIX}_{name} must be above 0 and at most {most:g}")
    return value
