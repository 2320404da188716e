"""Tables to files: XLSX, CSV, GeoJSON, GeoPackage, KML, GeoParquet and printable HTML.

Every file is written aside and renamed, text cannot become a formula or a script, and whatever
had to be altered for a format is listed in the :class:`ExportReport`.
"""

from geoservice.export.clean import guard_formula, unguard_formula
from geoservice.export.dossier import Context, write_dossier
from geoservice.export.files import content_disposition, safe_name, sweep_orphans
from geoservice.export.report import Altered, ExportReport
from geoservice.export.titles import title
from geoservice.export.what_if_page import write_what_if
from geoservice.export.write import FORMATS, write

__all__ = [
    "FORMATS",
    "Altered",
    "Context",
    "ExportReport",
    "content_disposition",
    "guard_formula",
    "safe_name",
    "sweep_orphans",
    "title",
    "unguard_formula",
    "write",
    "write_dossier",
    "write_what_if",
]
