"""Complaints about mobile signal, turned into located, explained, costed work."""

__version__ = "0.1.0"
