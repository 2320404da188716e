"""Why it does not work at one place: causes with evidence, as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from geoservice import names
from geoservice.diagnosis.diagnose import UNKNOWN
from geoservice.errors import ConfigError
from geoservice.pipeline import RadioWorld, Spot, Workplace, place_causes
from geoservice.service.hotspot_answers import cause_answer
from geoservice.service.plain import plain, records
from geoservice.service.recording import understood
from geoservice.tables import DIAGNOSES

# What a caller may say beside the place; everything else of a complaint is not about the cause.
SAID = frozenset(
    {"class", "text", "serving_cgi", "indoor", "terminal_model", "account_status", "roaming_country"}
    | {"other_phone_ok", "other_sim_ok", "peers_ok", "occurred_from", "occurred_to"}
)


def why(
    place: Workplace,
    radio: RadioWorld | None,
    fix: Mapping[str, Any],
    at: datetime,
    said: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Causes at a located place, likeliest first.

    Parameters
    ----------
    fix : ``lat``, ``lon``, ``radius_m`` of the place.
    said : what the customer says (:data:`SAID`), any of it or nothing.

    Raises
    ------
    ConfigError
        No cells are on file: nothing can be said of a cause.
    """
    if radio is None:
        raise ConfigError("no cells are on file; import them first: geoservice import cells FILE")
    spot = Spot(float(fix["lat"]), float(fix["lon"]), float(fix["radius_m"]), at)
    fields = {name: value for name, value in (said or {}).items() if value not in (None, "")}
    where = {"lat": spot.lat, "lon": spot.lon, "crs": "WGS84", "accepted_at": at}
    told = understood(place, {**fields, **where}) if fields else None
    evidence, causes = place_causes(place.store, radio, place.config, spot, told)
    return {
        "lat": plain(spot.lat, 6),
        "lon": plain(spot.lon, 6),
        "radius_m": plain(spot.radius_m, 0),
        "since": plain(pd.Timestamp(spot.since)),
        "as_of": plain(pd.Timestamp(at)),
        "customers": plain(evidence["customers"].iloc[0]),
        "class": None if told is None else plain(told["class"].iloc[0]),
        "causes": [cause_answer(item) for item in records(causes, DIAGNOSES)],
        **_first(causes),
    }


def _first(causes: pd.DataFrame) -> dict[str, Any]:
    """The likeliest cause and whether the evidence suffices to say so."""
    code, sure = str(causes["cause"].iloc[0]), float(causes["confidence"].iloc[0])
    named = {f"cause_name_{language}": names.name_of("causes", code, language) for language in ("zh", "en")}
    return {"cause": code, "confidence": plain(sure), "sufficient": code != UNKNOWN, **named}
