"""Ticket numbers as they may be stored and shown: never a telephone or identity number."""

from __future__ import annotations

import pandas as pd

from geoservice.intake.privacy import keyed_hashes
from geoservice.parsing.masking import mask_keys

MASKED_TICKET = "key-"


def shown_tickets(tickets: pd.Series, secret: bytes) -> pd.Series:
    """The numbers themselves; one that holds personal data is replaced by a key that stays the same."""
    private = (mask_keys(tickets) != tickets) & tickets.notna()
    if not private.any():
        return tickets
    keys = MASKED_TICKET + keyed_hashes(tickets[private], secret, "ticket").str.slice(0, 24)
    return tickets.mask(private, keys.reindex(tickets.index)).astype("str")
