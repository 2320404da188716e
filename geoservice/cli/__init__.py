"""The command line: ``geoservice --help``."""

import gc

# What importing makes stays: looking for garbage among it finds none and costs a tenth of the start.
_collecting = gc.isenabled()
gc.disable()
try:
    from geoservice.cli.app import main
finally:
    if _collecting:
        gc.enable()

__all__ = ["main"]
