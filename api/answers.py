"""Answers as bytes: JSON by orjson, entity tags for what a run makes immutable."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from fastapi import Request, Response

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


class Json(Response):
    """A JSON response; NaN and infinity become null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return orjson.dumps(content, option=_OPTIONS, default=str)


class GeoJson(Json):
    """A GeoJSON response."""

    media_type = "application/geo+json"


def tagged(
    request: Request,
    content: Any,
    *,
    media_type: str = "application/json",
    version: str | None = None,
    links: str | None = None,
) -> Response:
    """``content`` with an entity tag (default: hash of the bytes); 304 when the caller has it already."""
    body = orjson.dumps(content, option=_OPTIONS, default=str)
    tag = f'"{version or hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} | ({"Link": links} if links else {})
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def feature_collection(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows with ``lat`` and ``lon`` as GeoJSON points (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "id": row.get("id"),
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": row,
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
