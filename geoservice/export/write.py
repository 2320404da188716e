"""``write``: a table to a file, the format chosen by the suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geoservice.errors import InputError
from geoservice.export.clean import clean_columns, writable
from geoservice.export.csv_file import guard_columns, write_csv
from geoservice.export.dossier import ContextOf, write_html
from geoservice.export.files import checked_path, written_aside
from geoservice.export.geo_json import write_geojson
from geoservice.export.gis import write_gpkg, write_parquet
from geoservice.export.kml import write_kml
from geoservice.export.report import Altered, ExportReport
from geoservice.export.shapes import Geometries, geometry_of
from geoservice.export.sides import in_language
from geoservice.export.titles import Language
from geoservice.export.xlsx import write_xlsx


@dataclass(frozen=True, slots=True)
class _Job:
    """What a writer needs: cleaned rows, their geometry (None = none asked or possible), names."""

    frame: pd.DataFrame
    geometry: Geometries | None
    path: Path
    layer: str
    language: Language
    context_of: ContextOf | None = None

    def shapes(self) -> Geometries:
        return geometry_of(self.frame) if self.geometry is None else self.geometry

    def shapes_if_any(self) -> Geometries | None:
        try:
            return self.shapes()
        except InputError:
            return None


def _xlsx(job: _Job) -> list[Altered]:
    return write_xlsx(job.frame, job.path, job.layer, job.language)


def _csv(job: _Job) -> list[Altered]:
    write_csv(job.frame, job.path)
    return []


def _geojson(job: _Job) -> list[Altered]:
    write_geojson(job.frame, job.shapes(), job.path, job.layer)
    return []


def _gpkg(job: _Job) -> list[Altered]:
    return write_gpkg(job.frame, job.shapes_if_any(), job.path, job.layer)


def _kml(job: _Job) -> list[Altered]:
    write_kml(job.frame, job.shapes(), job.path, job.layer, job.language)
    return []


def _parquet(job: _Job) -> list[Altered]:
    write_parquet(job.frame, job.shapes_if_any(), job.path)
    return []


def _html(job: _Job) -> list[Altered]:
    write_html(job.frame, job.path, job.layer, job.language, job.context_of)
    return []


_WRITERS: dict[str, Callable[[_Job], list[Altered]]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".geojson": _geojson,
    ".gpkg": _gpkg,
    ".kml": _kml,
    ".parquet": _parquet,
    ".html": _html,
}
FORMATS = tuple(_WRITERS)
# These keep names and codes for programs; only our own notes follow the language.
_CANONICAL = frozenset({_csv, _geojson, _gpkg, _parquet})


def write(
    frame: pd.DataFrame,
    path: Path | str,
    *,
    layer: str,
    language: Language = "zh",
    geometry: ArrayLike | None = None,
    context_of: ContextOf | None = None,
) -> ExportReport:
    """Write ``frame`` to ``path``; the suffix chooses the format.

    Parameters
    ----------
    frame : rows of a declared table (site requests, hotspots, actions, coverage, hex rates, what-if …).
    path : ends in one of :data:`FORMATS`; the file appears whole or not at all.
    layer : name of the sheet, GeoPackage layer, KML document or page.
    language : of column titles and sentences where the format shows them (XLSX, KML, HTML); the other
        formats keep the canonical names so that programs and imports recognise them, with our notes in it.
    geometry : one shapely geometry a row (lon/lat WGS-84); without it hexes become polygons,
        hotspots their outline, everything else points.
    context_of : what stands behind a site request, for the pages of ``.html``; other formats do not ask.

    Returns
    -------
    ExportReport
        Rows written, and everything altered because the format cannot hold it.

    Raises
    ------
    InputError, FileError
        Unknown suffix or language, no geometry for a map format, folder missing, disk full.
    """
    target = checked_path(Path(path))
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        raise InputError(f"{target.suffix!r}: unknown export format; use one of {', '.join(FORMATS)}", field="path")
    if language not in ("zh", "en"):
        raise InputError(f"language {language!r}: use 'zh' or 'en'", field="language")
    rows = frame.reset_index(drop=True)
    if writer in _CANONICAL:
        rows = in_language(rows, language)
    cleaned, altered = clean_columns(guard_columns(rows) if writer is _csv else rows)
    shapes = None if geometry is None else _shapes(geometry, len(frame))
    with written_aside(target) as aside:
        altered += writer(_Job(cleaned, shapes, aside, writable(layer), language, context_of))
    return ExportReport(target, len(frame), altered)


def _shapes(geometry: ArrayLike, rows: int) -> Any:
    shapes = np.asarray(geometry, dtype=object)
    if shapes.shape != (rows,):
        raise InputError(f"{rows} rows need {rows} geometries", field="geometry")
    return shapes
