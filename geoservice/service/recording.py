"""One complaint taken at the desk or through the API: through the same intake as any file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from geoservice import cases, intake, locate, tables
from geoservice.config import Config
from geoservice.errors import InputError, NotFound, StateError
from geoservice.pipeline import Workplace
from geoservice.pipeline.locating import fixes_of, to_locate, without_private_cell
from geoservice.pipeline.shared_points import settle
from geoservice.records import ImportOptions, RawChunk
from geoservice.service.candidates import Candidate, fix_answers
from geoservice.service.chasing import with_waiting_customer
from geoservice.service.lookup import DESK
from geoservice.service.plain import DIGITS, plain
from geoservice.store import ImportTransaction
from geoservice.store.database import QUICK_WAIT_S
from geoservice.tables import COMPLAINTS


def record(place: Workplace, fields: Mapping[str, Any], source: str = DESK) -> dict[str, Any]:
    """Take one complaint: typed, classified, masked, pseudonymised, located, stored.

    A ticket number that is already known with the same content answers with the stored complaint
    (``created`` false).

    Raises
    ------
    InputError
        A field is wrong; ``field`` names it.
    StateError
        The ticket number is known with other content.
    """
    texts, options, secret = _typed(place, fields, source)
    alone = intake.complaint_of(texts, options, secret)
    values = with_waiting_customer(place, _only(_of_rows(texts, options, secret)) if alone is None else alone)
    locator = place.locators.get(place.store, place.config)
    values = without_private_cell(locator, values)
    created = _store(place, values, fixes_of(locator, to_locate(values)))
    return {**find(place, str(values["complaint_id"])), "created": created}


def warm(place: Workplace) -> None:
    """Understand one complaint of every kind of reading, so that the first customer waits for no code to be loaded.

    Nothing is stored. A lost voice is read by tables of its own, a text without numbers never reaches the rows' way.
    """
    for text in ("信号差", "通话时对方听不到我说话", "calls drop indoors"):
        understood(place, {"text": text, "lat": 30.0, "lon": 118.0, "customer_no": "13800000000"})
        intake.complaint_of(*_typed(place, {"text": text, "place_text": text, "customer_no": "13800000000"}, DESK))


def understood(place: Workplace, fields: Mapping[str, Any], source: str = DESK) -> pd.DataFrame:
    """Table COMPLAINTS with what intake makes of one complaint's fields; nothing is stored.

    Raises
    ------
    InputError
        A field is wrong; ``field`` names it.
    """
    return _of_rows(*_typed(place, fields, source))


def _typed(place: Workplace, fields: Mapping[str, Any], source: str) -> tuple[dict[str, str], ImportOptions, bytes]:
    """The fields as a file would bring them, with a number and a time; how they are read; the deployment's secret."""
    values = {name: _storable(name, _text(value)) for name, value in fields.items() if value is not None}
    values.setdefault("ticket_no", f"GS-{uuid.uuid4().hex[:12].upper()}")
    values.setdefault("accepted_at", datetime.now(UTC).isoformat(timespec="seconds"))
    options = ImportOptions(timezone=str(place.config.timezone), source=source)
    return values, options, intake.privacy.load_secret(place.folder)


def _of_rows(values: Mapping[str, str], options: ImportOptions, secret: bytes) -> pd.DataFrame:
    frame = pd.DataFrame({**{name: [text] for name, text in values.items()}, "line": [1]})
    done = intake.complaints_from_rows(RawChunk(frame, tables.empty(tables.REJECTS), 1), options, secret)
    if len(done.rejects):
        first = done.rejects.iloc[0]
        raise InputError(str(first["reason"]), field=str(first["field"]), code=str(first["code"]))
    if len(done.complaints) != 1:
        raise InputError("a satisfied call is no complaint; leave the class out or name a trouble", field="class")
    return done.complaints


def _only(complaints: pd.DataFrame) -> dict[str, Any]:
    """The values of a frame of one row."""
    (values,) = _plain_rows(complaints)
    return values


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a short frame as plain values; missing ones are not there."""
    columns = [[None if _is_missing(value) else value for value in frame[name].tolist()] for name in frame.columns]
    rows = zip(*columns, strict=True)
    return [{str(n): v for n, v in zip(frame.columns, row, strict=True) if v is not None} for row in rows]


def _is_missing(value: Any) -> bool:
    return not isinstance(value, list) and bool(pd.isna(value))


def _store(place: Workplace, values: Mapping[str, Any], fixes: pd.DataFrame) -> bool:
    complaint_id = str(values["complaint_id"])
    with place.store.importing(QUICK_WAIT_S) as transaction:
        new = not transaction.has("complaints", "complaint_id", complaint_id)
        changed = transaction.upsert_one("complaints", values)
        if changed and not new:
            raise StateError("this ticket number is already recorded with other content", field="ticket_no")
        if new:
            for fix in _plain_rows(fixes):
                transaction.upsert_one("fixes", fix)
            if _settled(place, transaction, values) <= 1:
                transaction.single(complaint_id)
            transaction.touch()
    return new


def _settled(place: Workplace, transaction: ImportTransaction, values: Mapping[str, Any]) -> int:
    """How many complaints were located again because this one shares its coordinates with many names."""
    if values.get("lat") is None or values.get("place_text") is None:
        return 0
    touched = locate.point_keys(np.array([values["lat"]]), np.array([values["lon"]]))
    locator = place.locators.get(place.store, place.config)
    return settle(transaction, locator, [touched], only=str(values["complaint_id"]))


def find(place: Workplace, complaint_id: str) -> dict[str, Any]:
    """A stored complaint with its fixes; never the phone number, which is not stored.

    Raises
    ------
    NotFound
        There is no complaint of that id.
    """
    column = place.store.column
    names = COMPLAINTS.names
    rows = place.store.rows("complaints", names, [column("complaints", "complaint_id") == complaint_id])
    if not rows:
        raise NotFound("there is no such complaint", field="complaint_id")
    fixes = place.store.rows(
        "fixes",
        Candidate._fields,
        [column("fixes", "complaint_id") == complaint_id, column("fixes", "precision") != "none"],
        [sa.asc(column("fixes", "rank"))],
    )
    told = {name: plain(value, DIGITS.get(name, 4)) for name, value in rows[0].items()}
    return {
        **told,
        "fixes": fix_answers(Candidate(**fix) for fix in fixes),
        "due": _due(rows[0]["accepted_at"], place.config),
    }


def _due(accepted_at: datetime, config: Config) -> list[dict[str, Any]]:
    """Every deadline of a ticket, earliest first (see :func:`geoservice.cases.due_dates`)."""
    return [
        {"name": clock.name, "due": plain(pd.Timestamp(clock.due)), "label_zh": clock.zh, "label_en": clock.en}
        for clock in cases.due_dates(accepted_at, config)
    ]


def _storable(name: str, text: str) -> str:
    """``text`` if both databases can hold it: PostgreSQL refuses NUL, and UTF-8 has no lone surrogates."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError(f"{name} holds a character that cannot be stored (NUL or half a surrogate pair)", field=name)
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
