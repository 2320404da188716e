"""Complaints, hexes, cells, coverage and counters joined into one row of evidence a subject."""

from geoservice.join.contacts import complaint_evidence, hex_evidence
from geoservice.join.evidence import KpiReader, evidence
from geoservice.join.subjects import place_subject

__all__ = ["KpiReader", "complaint_evidence", "evidence", "hex_evidence", "place_subject"]
