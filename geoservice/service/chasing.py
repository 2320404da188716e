"""A chaser is a contact of the customer who waits, not another customer (handbook section 8, "Duplicate/chaser")."""

from __future__ import annotations

import re

import pandas as pd

from geoservice.pipeline import Workplace

# "催办 GS-1A2B", "催单：TS20260001", "chaser of GS-1A2B", "chasing ticket 12345": a word of chasing, then a number.
_NAMED = re.compile(
    r"(?:催办|催单|催促|催一下|重复来电|chas(?:er|e|es|ing)|reminder)"
    r"[^A-Za-z0-9]{0,12}(?:工单|单号|of|for|on|ticket|no\.?|号|\W){0,4}\s*([A-Za-z0-9][A-Za-z0-9_./-]{3,63})",
    re.IGNORECASE,
)
_FIELDS = ("event_note", "text")


def with_waiting_customer(place: Workplace, complaint: pd.DataFrame) -> pd.DataFrame:
    """One complaint under the key of the customer whose ticket it chases, where it names one and has no key itself.

    Without a number each contact would count as a customer of its own: three chasers of one ticket would make a
    hotspot. A ticket that has no key either is known by its own id, as everywhere.
    """
    if pd.notna(complaint["customer_key"].iloc[0]):
        return complaint
    number = chased(*(complaint[name].iloc[0] for name in _FIELDS))
    if number is None:
        return complaint
    ticket = place.store.column("complaints", "ticket_no")
    known = place.store.read(
        "complaints", ["complaint_id", "customer_key"], where=[ticket.in_(sorted({number, number.upper()}))], limit=1
    )
    if known.empty:
        return complaint
    first = known.iloc[0]
    key = first["customer_key"] if pd.notna(first["customer_key"]) else first["complaint_id"]
    return complaint.assign(customer_key=pd.Series([str(key)], index=complaint.index, dtype="str"))


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
