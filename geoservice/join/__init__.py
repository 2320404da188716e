"""Complaints, hexes, cells, coverage and counters joined into one row of evidence a subject."""

from geoservice.join.evidence import evidence
from geoservice.join.subjects import place_subject

__all__ = ["evidence", "place_subject"]
