"""Landing page, conformance, collections, feature collections: plain dictionaries with links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from api.ogc.params import CRS84
from geoservice.service import COLLECTIONS, Collection, FeaturePage, FeatureQuery, Property

GEOJSON = "application/geo+json"
JSON = "application/json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)


def landing(base: str) -> dict[str, Any]:
    """The landing page; ``base`` is the address of ``/ogc`` without a slash at its end."""
    return {
        "title": "signal-geoservice",
        "description": "Hotspots of complaints about mobile signal, hexes, radio cells and site-build requests.",
        "links": [
            _link(base + "/", "self", JSON, "This document"),
            _link(base + "/api", "service-desc", OPENAPI, "Definition of the API"),
            _link(base + "/conformance", "conformance", JSON, "Conformance classes"),
            _link(base + "/collections", "data", JSON, "Collections"),
        ],
    }


def collections(base: str, extents: dict[str, list[float] | None]) -> dict[str, Any]:
    """The list of collections."""
    return {
        "links": [_link(base + "/collections", "self", JSON, "Collections")],
        "collections": [collection(base, COLLECTIONS[name], box) for name, box in extents.items()],
    }


def collection(base: str, what: Collection, extent: list[float] | None) -> dict[str, Any]:
    """One collection."""
    own = f"{base}/collections/{what.name}"
    described = {
        "id": what.name,
        "title": what.title,
        "description": what.description,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            _link(own, "self", JSON, what.title),
            _link(own + "/items", "items", GEOJSON, what.title),
            _link(own + "/queryables", _QUERYABLES, SCHEMA, "Properties to filter by"),
        ],
    }
    return described if extent is None else {**described, "extent": {"spatial": {"bbox": [extent], "crs": CRS84}}}


def queryables(base: str, what: Collection) -> dict[str, Any]:
    """The properties that can be filtered by, as a JSON Schema."""
    schema = what.schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{what.name}/queryables",
        "type": "object",
        "title": what.title,
        "properties": {name: {"title": name, **json_schema(schema[name])} for name in what.filters},
        "additionalProperties": False,
    }


def json_schema(schema: Property) -> dict[str, Any]:
    """One property as a JSON Schema."""
    found: dict[str, Any] = {"type": schema.type}
    if schema.description:
        found["description"] = schema.description
    if schema.values:
        found["enum"] = list(schema.values)
    return {**found, "format": "date-time"} if schema.time else found


def items(
    base: str, what: Collection, query: FeatureQuery, page: FeaturePage, given: list[tuple[str, str]]
) -> dict[str, Any]:
    """One page of features with links to itself, the next and the former page."""
    own = f"{base}/collections/{what.name}"
    links = [_link(_address(own, given, query.offset), "self", GEOJSON, "This page")]
    if query.offset + len(page.features) < page.matched and page.features:
        links.append(_link(_address(own, given, query.offset + query.limit), "next", GEOJSON, "Next page"))
    if query.offset > 0:
        links.append(_link(_address(own, given, max(0, query.offset - query.limit)), "prev", GEOJSON, "Former page"))
    links.append(_link(own, "collection", JSON, what.title))
    return {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": links,
        "features": page.features,
    }


def item(base: str, what: Collection, feature: dict[str, Any]) -> dict[str, Any]:
    """One feature with its links."""
    own = f"{base}/collections/{what.name}"
    address = f"{own}/items/{_quoted(str(feature['id']))}"
    return {
        **feature,
        "links": [_link(address, "self", GEOJSON, "This feature"), _link(own, "collection", JSON, what.title)],
    }


def _address(own: str, given: list[tuple[str, str]], offset: int) -> str:
    kept = [(name, value) for name, value in given if name != "offset"]
    if offset:
        kept.append(("offset", str(offset)))
    return f"{own}/items?{urlencode(kept)}" if kept else f"{own}/items"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _link(href: str, rel: str, kind: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind, "title": title}
