"""Tickets by the book: clocks on working days, and what is a repeat, a duplicate, escalated, difficult or major."""

from geoservice.cases.clocks import Clock, due_dates, next_due
from geoservice.cases.flags import flags

__all__ = ["Clock", "due_dates", "flags", "next_due"]
