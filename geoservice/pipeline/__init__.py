"""The flow, written once: files into the store, the store into a run."""

from geoservice.pipeline.analysing import AnalyseOptions, analyse
from geoservice.pipeline.contacts import Contacts, contacts_of
from geoservice.pipeline.importing import Workplace, import_file, table_name
from geoservice.pipeline.locating import PLACE_RESOLUTION, LocatorCache
from geoservice.pipeline.place_causes import Spot, place_causes
from geoservice.pipeline.radio_world import RadioWorld
from geoservice.pipeline.weak_reports import weak_areas, weak_cells, weak_grids

__all__ = [
    "PLACE_RESOLUTION",
    "AnalyseOptions",
    "Contacts",
    "LocatorCache",
    "RadioWorld",
    "Spot",
    "Workplace",
    "analyse",
    "contacts_of",
    "import_file",
    "place_causes",
    "table_name",
    "weak_areas",
    "weak_cells",
    "weak_grids",
]
