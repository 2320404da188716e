"""Complaints: take one, take a file, look at one."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile

from api.answers import Json
from api.deps import IdempotencyKey, ServiceDep
from api.guard import needs
from api.schemas import ComplaintIn
from geoservice.errors import InputError
from geoservice.records import ImportOptions
from geoservice.service import Scope

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson", ".geojson", ".json", ".parquet"})
_CHUNK = 1 << 20


@router.post("", status_code=201, responses={200: {"description": "Known already"}, 409: {}, 422: {}})
@needs(Scope.DESK)
def post_complaint(body: ComplaintIn, service: ServiceDep, key: IdempotencyKey = None) -> Response:
    """Take one complaint: classified, located, stored; answers with what was made of it.

    With an ``Idempotency-Key`` the same request may be sent again, also after a restart: it is stored once and
    answered alike. Another body under the same key is a 422; a request still under way is a 409.
    """
    taken = service.record_complaint(body.model_dump(by_alias=True, exclude_none=True), key=key)
    return Json(
        taken, 201 if taken["created"] else 200, headers={"Location": f"/v1/complaints/{taken['complaint_id']}"}
    )


@router.post("/import", responses={413: {}, 415: {}, 422: {}})
@needs(Scope.IMPORT)
def import_complaints(
    file: UploadFile,
    service: ServiceDep,
    datum: Annotated[str | None, Form(max_length=10)] = None,
    strict: Annotated[bool, Form()] = False,
) -> dict[str, Any]:
    """Take a file of complaints (CSV, TSV, XLSX, JSON lines, GeoJSON, Parquet)."""
    name = Path(file.filename or "upload.csv").name
    if Path(name).suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"files of kind {Path(name).suffix[:10]!r} are not taken; use CSV, XLSX, JSON or Parquet", field="file"
        )
    with tempfile.TemporaryDirectory(prefix="geoservice-") as folder:
        path = Path(folder) / f"upload{Path(name).suffix.lower()}"
        with path.open("wb") as target:
            while block := file.file.read(_CHUNK):
                target.write(block)
        options = ImportOptions(crs=datum, timezone=str(service.config.timezone), strict=strict)
        report = asdict(service.import_file("complaints", path, options))
    return {
        **report,
        "file": name,
        "rejects_file": Path(report["rejects_file"]).name if report["rejects_file"] else None,
    }


@router.get("/{complaint_id}", responses={404: {}})
@needs(Scope.COMPLAINTS)
def get_complaint(complaint_id: str, service: ServiceDep) -> Response:
    """One complaint as it is stored; never the phone number."""
    return Json(service.complaint(complaint_id))
