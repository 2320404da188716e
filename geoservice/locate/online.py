"""Online geocoders: off unless configured, slow on purpose, remembered, and never trusted blindly.

Addresses leave the house here, so nothing is asked unless the deployment switched it on.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from geoservice.errors import ConfigError, GeoserviceError
from geoservice.geodesy import distance_m, to_wgs84
from geoservice.locate.guarded import adapter_class, check_host
from geoservice.locate.online_settings import PROVIDERS, OnlineSettings
from geoservice.locate.precision import GNSS_OUTDOOR_M, level_of_radius, place_kinds
from geoservice.parsing.masking import mask_text

_AMAP = "https://restapi.amap.com/v3/geocode/geo"
_UNKNOWN_RADIUS_M = 1000.0
_MOST_FAILURES = 3  # in a row; then the service is left alone
_ASKED_AT_ONCE = 20  # texts of one batch: at one a second, a batch waits 20 s at most


class OnlineGeocoder:
    """Asks one service, at most so often a second, and remembers its answers.

    Parameters
    ----------
    settings : which service and how.
    folder : where answers are remembered (by a hash of the text); None keeps them in memory.

    Raises
    ------
    ConfigError
        The provider is unknown, needs a key, or its host is private and not allowed.
    """

    def __init__(self, settings: OnlineSettings, folder: Path | None = None):
        if settings.provider not in PROVIDERS:
            raise ConfigError(f"unknown geocoder {settings.provider!r}; use one of {', '.join(PROVIDERS)}")
        self.settings = settings
        self._ask = _service(settings)
        self._memory = _Memory(folder, settings.provider)
        self._lock = Lock()
        self._next = 0.0
        self._failures = 0

    def find(self, texts: Sequence[str]) -> pd.DataFrame:
        """Answers: columns code (position in ``texts``), lat, lon (WGS-84), radius_m, precision, probability, label.

        A text without an answer, and every text while the service fails, has no row. What looks like a telephone
        number or another trace of a person is not asked: it would leave the house.
        """
        asked = [(code, text) for code, text in enumerate(texts[:_ASKED_AT_ONCE]) if mask_text(text) == text]
        answers = [(code, answer) for code, text in asked if (answer := self._one(text))]
        columns = ["lat", "lon", "radius_m", "precision", "label"]
        frame = pd.DataFrame([answer for _, answer in answers], columns=columns)
        return frame.assign(code=np.array([code for code, _ in answers], np.int64), probability=1.0)

    def _one(self, text: str) -> dict[str, Any] | None:
        with self._lock:
            known, answer = self._memory.get(text)
            if known or self._failures >= _MOST_FAILURES:
                return answer
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + 1.0 / self.settings.per_second
            try:
                answer = _as_fix(self._ask(text), PROVIDERS[self.settings.provider])
            except Exception as error:
                # A foreign service may answer anything; whatever it breaks, the complaint is located without it.
                if isinstance(error, ConfigError):
                    raise
                self._failures += 1
                return None
            self._failures = 0
            self._memory.put(text, answer)
            return answer


class _Memory:
    """Answers by provider and hash of the text."""

    def __init__(self, folder: Path | None, provider: str):
        self._provider = provider
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        place = ":memory:" if folder is None else str(folder / "online-geocoder.sqlite")
        self._database = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
        self._database.execute("create table if not exists answers (key text primary key, answer text not null)")

    def get(self, text: str) -> tuple[bool, dict[str, Any] | None]:
        """(asked before, answer)."""
        with closing(self._database.execute("select answer from answers where key = ?", (self._key(text),))) as rows:
            row = rows.fetchone()
        return (False, None) if row is None else (True, json.loads(row[0]))

    def put(self, text: str, answer: dict[str, Any] | None) -> None:
        """Remember an answer, also that there is none."""
        self._database.execute("insert or replace into answers values (?, ?)", (self._key(text), json.dumps(answer)))

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._provider}\0{text}".encode("utf-8", "replace")).hexdigest()


def _service(settings: OnlineSettings) -> Callable[[str], Any]:
    """The geopy geocoder's ``geocode`` bound to a guarded transport."""
    from geopy import geocoders

    common: dict[str, Any] = {"timeout": settings.timeout_s, "user_agent": settings.user_agent}
    common["adapter_factory"] = _factory(settings)
    if settings.provider in {"baidu", "amap"} and not settings.api_key:
        raise ConfigError(f"the geocoder {settings.provider} needs a key")
    if settings.provider == "baidu":
        return geocoders.BaiduV3(settings.api_key, **common).geocode
    if settings.provider == "amap":
        return _amap(settings, common)
    maker = geocoders.Nominatim if settings.provider == "nominatim" else geocoders.Photon
    domain = {"domain": settings.domain} if settings.domain else {}
    service = maker(scheme=settings.scheme, **domain, **common)
    check_host(service.domain.split("/")[0].partition(":")[0], settings.allowed_hosts)
    return service.geocode


def _factory(settings: OnlineSettings) -> Callable[..., Any]:
    guarded = adapter_class(settings.allowed_hosts)
    return lambda *, proxies, ssl_context: guarded(proxies=proxies, ssl_context=ssl_context)


def _amap(settings: OnlineSettings, common: dict[str, Any]) -> Callable[[str], Any]:
    """AMap, which geopy lacks: the same shape of answer over geopy's own transport."""
    from urllib.parse import urlencode

    from geopy.geocoders.base import Geocoder
    from geopy.location import Location

    base = Geocoder(**common)

    def parse(page: dict[str, Any]) -> Any:
        places = page.get("geocodes") or []
        if not places:
            return None
        lon, lat = str(places[0]["location"]).split(",")
        return Location(str(places[0].get("formatted_address", "")), (float(lat), float(lon)), places[0])

    def geocode(text: str) -> Any:
        query = urlencode({"address": text, "key": settings.api_key, "output": "JSON"})
        return base._call_geocoder(f"{_AMAP}?{query}", parse)

    return geocode


def _as_fix(location: Any, datum: str) -> dict[str, Any] | None:
    """A geopy location as a fix, in WGS-84; None when it is not on the globe."""
    if location is None:
        return None
    lat, lon = float(location.latitude), float(location.longitude)
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise GeoserviceError("the geocoder answered with a point off the globe")
    wgs_lat, wgs_lon = to_wgs84(lat, lon, datum)
    radius = max(_radius_m(location.raw if isinstance(location.raw, dict) else {}), GNSS_OUTDOOR_M)
    level = str(level_of_radius(radius))
    label = location.address if isinstance(location.address, str) else None
    return {"lat": float(wgs_lat), "lon": float(wgs_lon), "radius_m": radius, "precision": level, "label": label}


def _radius_m(raw: dict[str, Any]) -> float:
    """Half the diagonal of the answer's box; else the radius of its kind of place; else 1 km."""
    box = raw.get("boundingbox")
    if isinstance(box, list) and len(box) == 4:
        south, north, west, east = (float(side) for side in box)
        return float(distance_m(south, west, north, east)) / 2
    for key in ("level", "addresstype", "type"):
        kind = place_kinds().get(str(raw.get(key, "")).lower())
        if kind is not None:
            return kind.radius_m
    return _UNKNOWN_RADIUS_M
