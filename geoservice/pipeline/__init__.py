"""The flow, written once: files into the store, the store into a run."""

from geoservice.pipeline.analysing import AnalyseOptions, analyse
from geoservice.pipeline.importing import Workplace, import_file, table_name
from geoservice.pipeline.locating import PLACE_RESOLUTION, LocatorCache
from geoservice.pipeline.radio_world import RadioWorld

__all__ = [
    "PLACE_RESOLUTION",
    "AnalyseOptions",
    "LocatorCache",
    "RadioWorld",
    "Workplace",
    "analyse",
    "import_file",
    "table_name",
]
