"""A chaser is a contact of the customer who waits, not another customer (handbook section 8, "Duplicate/chaser")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geoservice.pipeline import Workplace

# "催办 GS-1A2B", "催单：TS20260001", "chaser of GS-1A2B", "chasing ticket 12345": a word of chasing, then a number.
_NAMED = re.compile(
    r"(?:催办|催单|催促|催一下|重复来电|chas(?:er|e|es|ing)|reminder)"
    r"[^A-Za-z0-9]{0,12}(?:工单|单号|of|for|on|ticket|no\.?|号|\W){0,4}\s*([A-Za-z0-9][A-Za-z0-9_./-]{3,63})",
    re.IGNORECASE,
)
_FIELDS = ("event_note", "text")


def with_waiting_customer(place: Workplace, complaint: Mapping[str, Any]) -> Mapping[str, Any]:
    """One complaint (plain values by column) under the key of the customer whose ticket it chases, where it names
    one and has no key itself.

    Without a number each contact would count as a customer of its own: three chasers of one ticket would make a
    hotspot. A ticket that has no key either is known by its own id, as everywhere.
    """
    if complaint.get("customer_key") is not None:
        return complaint
    number = chased(*(complaint.get(name) for name in _FIELDS))
    if number is None:
        return complaint
    ticket = place.store.column("complaints", "ticket_no")
    known = place.store.rows(
        "complaints", ["complaint_id", "customer_key"], [ticket.in_(sorted({number, number.upper()}))], limit=1
    )
    if not known:
        return complaint
    return {**complaint, "customer_key": str(known[0]["customer_key"] or known[0]["complaint_id"])}


def chased(*texts: object) -> str | None:
    """The ticket number that a text says it chases.

    >>> chased(None, "催办 GS-0A1B2C; 客户着急")
    'GS-0A1B2C'
    >>> chased("chaser of TS20260001")
    'TS20260001'
    >>> chased("没有信号，催了三次") is None
    True
    """
    for text in texts:
        found = _NAMED.search(text) if isinstance(text, str) else None
        if found:
            return found[1].rstrip("./-_")
    return None
