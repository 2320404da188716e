"""A complaint that may be sent twice is recorded once (draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from geoservice import intake
from geoservice.errors import InputError, StateError
from geoservice.pipeline import Workplace
from geoservice.service import recording
from geoservice.service.actor import current
from geoservice.service.lookup import DESK
from geoservice.store import repeats
from geoservice.store.repeats import Standing

IN_FLIGHT = "in-flight"
KEY_REUSED = "key-reused"
FIELD = "Idempotency-Key"


def record_once(place: Workplace, fields: Mapping[str, Any], key: str, source: str = DESK) -> dict[str, Any]:
    """Record a complaint under a key of the caller's: the same key and content give the same answer, also
    after a restart.

    A crash between storing and answering does no harm: number and time of acceptance, where the caller gave
    none, follow from the key, so that carrying the request out again finds the complaint that is stored.

    Raises
    ------
    StateError
        The same request is under way (code ``in-flight``), or recording refuses.
    InputError
        The key was used for another request (code ``key-reused``), or a field is wrong.
    """
    database = place.store.database
    secret = intake.privacy.load_secret(place.folder)
    # Bound to who sent it: two programs that count 1, 2, 3 must not receive each other's complaints.
    actor = current()
    name = _keyed(secret, "key", f"{actor.via}\0{actor.name}\0{key}")
    claim = repeats.claim(database, name, _keyed(secret, "content", _canonical(fields)))
    if claim.standing is Standing.BUSY:
        raise StateError("the same request is under way; ask again in a moment", code=IN_FLIGHT, field=FIELD)
    if claim.standing is Standing.OTHER:
        raise InputError("this key was used for another request; make a new one", code=KEY_REUSED, field=FIELD)
    if claim.subject is not None:
        return {**recording.find(place, claim.subject), "created": claim.created}
    accepted = claim.first_at.astimezone(UTC).isoformat(timespec="seconds")
    given = {key: value for key, value in fields.items() if value is not None}
    values = {"ticket_no": f"GS-{name[:12].upper()}", "accepted_at": accepted, **given}
    try:
        taken = recording.record(place, values, source)
    except Exception:
        repeats.release(database, name)
        raise
    repeats.finish(database, name, str(taken["complaint_id"]), created=bool(taken["created"]))
    return taken


def _canonical(fields: Mapping[str, Any]) -> str:
    return json.dumps(dict(fields), sort_keys=True, ensure_ascii=True, default=str)


def _keyed(secret: bytes, purpose: str, text: str) -> str:
    """Hash under the deployment's secret: a bare hash of a body with a phone number could be searched."""
    person = purpose.encode().ljust(16, b"\0")
    return hashlib.blake2b(text.encode(), key=secret[:64], person=person, digest_size=20).hexdigest()
