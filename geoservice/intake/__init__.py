"""Intake: a file of complaints → typed, classified, masked complaints and named rejects.

``read_rows`` reads any taken format under canonical column names; ``complaints_from_rows``
makes complaints of the rows; the network room makes its tables of the same rows.
"""

from geoservice.intake.complaints import ComplaintChunk, complaints_from_rows
from geoservice.intake.file_names import discreet, shown_name
from geoservice.intake.preview import Preview, preview
from geoservice.intake.reject_file import RejectFile
from geoservice.intake.rows import file_sha256, open_rows, read_rows, rows_of_opened
from geoservice.intake.single import complaint_of

__all__ = [
    "ComplaintChunk",
    "Preview",
    "RejectFile",
    "complaint_of",
    "complaints_from_rows",
    "discreet",
    "file_sha256",
    "open_rows",
    "preview",
    "read_rows",
    "rows_of_opened",
    "shown_name",
]  # fmt: skip
