"""What the desk asks while a complaint is written: what the text says, what is missing, who called before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd

from geoservice import cases, grid, intake, names, tables
from geoservice.errors import InputError
from geoservice.intake.classify import classify_one
from geoservice.pipeline import PLACE_RESOLUTION, Workplace
from geoservice.service.plain import plain, records
from geoservice.tables import COMPLAINTS

_NEW = "new"
_UNCLEAR = "UNCLEAR"
_SHOWN = 8
_TICKET = ["ticket_no", "accepted_at", "class", "status", "result", "channel"]


@dataclass(frozen=True)
class Caller:
    """Who is on the line and about what: number or ticket, class and place of the trouble, as far as they are known."""

    customer_no: str | None = None
    ticket_no: str | None = None
    class_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 100.0


def read_text(text: str) -> dict[str, Any]:
    """Class of a text with the phrase that decided and where it stands, and what the class needs to be dispatched."""
    found = classify_one(text)
    start = text.find(found.evidence) if found.evidence else -1
    return {
        "class": found.primary,
        "class_name_zh": names.name_of("classes", found.primary, "zh"),
        "class_name_en": names.name_of("classes", found.primary, "en"),
        "confidence": plain(found.confidence),
        "secondary": list(found.secondary),
        "phrase": found.evidence or None,
        "phrase_start": None if start < 0 else start,
        "tags": list(found.tags),
        "direction": found.direction,
        "audio": found.audio,
        "echo_hearer": found.echo_hearer,
        "time_pattern": found.time_pattern,
        "required": list(required_fields(found.primary)),
        "escalation": _named(text),
    }


def _named(text: str) -> list[dict[str, str]]:
    """Bodies above the operator that a text names."""
    return [asdict(mention) for mention in cases.mentions(text)]


@cache
def required_fields(class_code: str) -> tuple[str, ...]:
    """Fields a complaint of a class needs before a field team may be sent (handbook section 3; seed item list)."""
    rows = names.catalogue("required_fields").values()
    return tuple(row["field"] for row in rows if row["classes"] == "*" or class_code in row["classes"].split("|"))


def required_by_class() -> dict[str, list[str]]:
    """The same for every class."""
    return {code: list(required_fields(code)) for code in names.catalogue("classes")}


def missing_fields(class_code: str, given: Mapping[str, Any]) -> list[str]:
    """Which required fields ``given`` does not fill."""
    return [field for field in required_fields(class_code) if given.get(field) in (None, "", "unknown")]


def with_state(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a complaint with its state instead of the wish to dispatch it.

    Raises
    ------
    InputError
        It is to be dispatched and a field its class needs is missing: a field team would go out blind.
    """
    given = {name: value for name, value in fields.items() if name != "dispatch"}
    if not fields.get("dispatch"):
        return given
    code = given.get("class") or classify_one(str(given.get("text") or "")).primary
    missing = missing_fields(code, {**given, "class": None if code == _UNCLEAR else code})
    if missing:
        raise InputError(
            f"this complaint cannot be dispatched yet; missing: {', '.join(missing)}",
            field=missing[0],
            code="incomplete",
        )
    return {**given, "status": "dispatched"}


def history(place: Workplace, caller: Caller, as_of: datetime) -> dict[str, Any]:
    """Earlier tickets of the customer, and what a complaint taken now would be against them.

    Answers repeat, duplicate, linked, difficult, major and urgent by the handbook's definitions (section 8); the
    number itself is turned into its key and forgotten.
    """
    key, mine = _contacts(place, caller)
    if key is None:
        return {"number_understood": False, "tickets": _tickets(mine), **_NOTHING}
    now = max([pd.Timestamp(as_of), *mine["accepted_at"].head(1)]) + pd.Timedelta(microseconds=1)
    return {"number_understood": True, "tickets": _tickets(mine.head(_SHOWN)), **_flags(place, caller, key, mine, now)}


def _tickets(mine: pd.DataFrame) -> list[dict[str, Any]]:
    """Tickets with whether they came through a higher channel, and whom their text names."""
    words = (mine["text"].fillna("") + " " + mine["event_note"].fillna("")).astype(str)
    return [
        {**told, "escalated": told["channel"] in cases.ESCALATED_CHANNELS, "escalation": _named(said)}
        for told, said in zip(records(mine, COMPLAINTS, _TICKET), words, strict=True)
    ]


def _contacts(place: Workplace, caller: Caller) -> tuple[str | None, pd.DataFrame]:
    """The customer's key and contacts, newest first; of a ticket without a customer the ticket alone."""
    column = place.store.column
    if caller.customer_no is not None:
        secret = intake.privacy.load_secret(place.folder)
        key = plain(intake.privacy.customer_keys(pd.Series([caller.customer_no], dtype="str"), secret).iloc[0])
        asked = tables.empty(COMPLAINTS)
    else:
        asked = place.store.read("complaints", where=[column("complaints", "ticket_no") == caller.ticket_no], limit=1)
        key = plain(asked["customer_key"].iloc[0]) if len(asked) else None
    if key is None:
        return None, asked
    mine = place.store.read("complaints", where=[column("complaints", "customer_key") == key])
    return str(key), mine.sort_values("accepted_at", ascending=False, ignore_index=True)


_NOTHING: dict[str, Any] = {
    "repeat_of": None,
    "repeats": 0,
    "duplicate_of": None,
    "linked_to": None,
    "difficult": False,
    "major": False,
    "urgent": False,
    "announced": False,
}


def _flags(place: Workplace, caller: Caller, key: str, mine: pd.DataFrame, now: pd.Timestamp) -> dict[str, Any]:
    if caller.class_code is None:
        return dict(_NOTHING)
    around = _around(place, caller, now)
    new = {"complaint_id": _NEW, "ticket_no": _NEW, "customer_key": key, "class": caller.class_code}
    filler = {"source": _NEW, "time_step": "instant"}
    row = tables.conform(pd.DataFrame([{**new, **filler, "accepted_at": now}]), COMPLAINTS)
    complaints = pd.concat([mine, around, row], ignore_index=True).drop_duplicates("complaint_id")
    found = cases.flags(complaints, _fixes(place, caller, complaints), place.config)
    mark = found[found["complaint_id"] == _NEW].iloc[0]
    numbers = complaints.set_index("complaint_id")["ticket_no"]
    answer = {name: plain(mark[name]) for name in _NOTHING}
    for name in ("repeat_of", "duplicate_of", "linked_to"):
        answer[name] = plain(numbers.get(answer[name])) if answer[name] else None
    return answer


def _around(place: Workplace, caller: Caller, now: pd.Timestamp) -> pd.DataFrame:
    """Complaints of the last days about the place: enough customers make a major complaint."""
    if caller.lat is None or caller.lon is None:
        return tables.empty(COMPLAINTS)
    near = grid.disk(grid.to_hex(caller.lat, caller.lon, PLACE_RESOLUTION), 2)
    since = now - pd.Timedelta(days=float(place.config["major_days"]))
    ids = place.store.complaints_at(near.tolist(), since.to_pydatetime(), now.to_pydatetime())["complaint_id"]
    if ids.empty:
        return tables.empty(COMPLAINTS)
    return place.store.read("complaints", where=[place.store.column("complaints", "complaint_id").in_(ids.tolist())])


def _fixes(place: Workplace, caller: Caller, complaints: pd.DataFrame) -> pd.DataFrame:
    ids = complaints["complaint_id"].tolist()
    known = place.store.read("fixes", where=[place.store.column("fixes", "complaint_id").in_(ids)])
    if caller.lat is None or caller.lon is None:
        return known
    here = {"complaint_id": _NEW, "rank": 0, "lat": caller.lat, "lon": caller.lon, "radius_m": caller.radius_m}
    kind = {"precision": "building", "source": "coordinates", "probability": 1.0}
    return pd.concat([known, tables.conform(pd.DataFrame([{**here, **kind}]), tables.FIXES)], ignore_index=True)
