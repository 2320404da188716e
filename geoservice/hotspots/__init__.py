"""Significant hotspots of complaints: counts, expectation, scan, merging, identity over time."""

from geoservice.hotspots.detection import Findings, detect
from geoservice.hotspots.options import ScanOptions
from geoservice.hotspots.tracking import Tracked, track

__all__ = ["Findings", "ScanOptions", "Tracked", "detect", "track"]
