"""The collections other tools can read, as data: properties, filters, geometry, period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geoservice.tables import TABLES

PropertyType = Literal["string", "integer", "number", "boolean"]
_TYPES: dict[str, PropertyType] = {"int": "integer", "float": "number", "bool": "boolean"}


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a feature: JSON type, unit and meaning, and the values it can take when they are few."""

    name: str
    type: PropertyType
    description: str
    values: tuple[str, ...] = ()
    time: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection holds.

    ``filters`` can be asked for by equality; ``hidden`` columns are needed for the geometry only;
    ``period`` names the columns of the first and last moment a feature speaks of.
    """

    name: str
    title: str
    description: str
    geometry: Literal["Polygon", "Point"]
    table: str
    id_column: str
    properties: tuple[str, ...]
    filters: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    period: tuple[str, str] | None = None

    def schema(self) -> dict[str, Property]:
        """Every property with its type."""
        return {name: self._property(name) for name in self.properties}

    def _property(self, name: str) -> Property:
        declared = {column.name: column for column in TABLES[self.table].columns}
        if name in _DERIVED or name not in declared:
            kind, meaning = _DERIVED[name]
            return Property(name, kind, meaning)
        column = declared[name]
        unit = f"{column.unit}; " if column.unit else ""
        json_type = _TYPES.get(column.dtype, "string")
        values = tuple(column.values) if json_type == "string" else ()
        return Property(name, json_type, f"{unit}{column.meaning}".strip("; "), values, column.dtype == "time")


# Properties that no table declares under that name and type.
_DERIVED: dict[str, tuple[PropertyType, str]] = {
    "id": ("string", "identifier of the feature"),
    "hex": ("string", "H3 index as 15 hexadecimal digits"),
    "cause": ("string", "likeliest cause (code)"),
    "confidence": ("number", "share; confidence of the likeliest cause"),
    "cause_name_zh": ("string", "likeliest cause in Chinese"),
    "cause_name_en": ("string", "likeliest cause in English"),
}

_ALL = (
    Collection(
        "hotspots",
        "Complaint hotspots · 投诉热点",
        "More complaining customers than the exposure explains: outline, counts, likeliest cause.",
        "Polygon",
        "hotspots",
        "id",
        (
            "id", "rank", "lat", "lon", "resolution", "class_group", "customers", "contacts", "expected", "expectation",
            "relative_risk", "risk_low", "risk_high", "p_value", "from", "to", "precise_share", "survives_precise",
            "state", "emerging", "cause", "confidence", "cause_name_zh", "cause_name_en", "sentence_zh", "sentence_en",
        ),
        ("id", "rank", "class_group", "state", "emerging", "cause"),
        hidden=("outline", "hexes"),
        period=("from", "to"),
    ),
    Collection(
        "hexes",
        "Complaining customers per hex · 投诉六边形",
        "Customers against expectation per H3 hex and class group; hexes with very few customers are withheld.",
        "Polygon",
        "hex_rates",
        "id",
        ("id", "hex", "class_group", "customers", "contacts", "expected", "rate", "gi_z", "gi_p", "emerging"),
        ("id", "hex", "class_group", "emerging"),
        hidden=("hex_number",),
    ),
    Collection(
        "cells",
        "Radio cells · 小区",
        "The network as it is on file (工参).",
        "Point",
        "cells",
        "cgi",
        (
            "cgi", "lat", "lon", "rat", "cell_name", "site_name", "site_id", "arfcn", "frequency_mhz", "bandwidth_mhz",
            "pci", "tac", "height_m", "azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "hbw_deg", "vbw_deg", "gain_dbi",
            "rs_power_dbm", "indoor", "site_type", "scene", "vendor", "status", "region", "operator",
        ),
        (
            "cgi", "rat", "site_id", "site_name", "arfcn", "pci", "tac", "indoor", "site_type", "vendor", "status",
            "region", "operator",
        ),
    ),
    Collection(
        "site-requests",
        "Site-build requests · 建站需求单",
        "Proposed sites with priority, evidence and state.",
        "Point",
        "site_requests",
        "request_no",
        (
            "request_no", "hotspot_id", "state", "customers", "contacts", "scene", "lat", "lon", "district", "place",
            "uncovered_km2", "uncovered_customers", "rsrp_p50_dbm", "rsrp_p10_dbm", "rsrp_basis", "type", "height_m",
            "band_mhz", "search_ring_m", "priority", "predicted_gain_customers", "lifted_share", "cost", "sentence_zh",
            "sentence_en",
        ),
        ("request_no", "hotspot_id", "state", "scene", "district", "type"),
    ),
)  # fmt: skip
COLLECTIONS: dict[str, Collection] = {collection.name: collection for collection in _ALL}
