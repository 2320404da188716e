"""The command line: ``geoservice --help``."""

from geoservice.cli.app import main

__all__ = ["main"]
