"""Tickets by the book: clocks on working days, and what is a repeat, a duplicate, escalated, difficult or major."""

from geoservice.cases.clocks import Clock, due_dates, next_due
from geoservice.cases.escalation import Mention, mentions
from geoservice.cases.flags import ESCALATED_CHANNELS, flags

__all__ = ["ESCALATED_CHANNELS", "Clock", "Mention", "due_dates", "flags", "mentions", "next_due"]
