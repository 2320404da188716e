"""Readers: a file of any taken format → blocks of text records under the file's headings."""

from __future__ import annotations

from geoservice.intake.readers.block import Block, Reader
from geoservice.intake.readers.sniff import open_reader

__all__ = ["Block", "Reader", "open_reader"]
