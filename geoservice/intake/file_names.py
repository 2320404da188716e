"""Names of files as they may be shown: exports are sometimes named after a customer's number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoservice.errors import GeoserviceError
from geoservice.parsing.masking import mask_key


def shown_name(path: Path | str) -> str:
    """The file's name with telephone and identity numbers masked."""
    return mask_key(Path(path).name)


@contextmanager
def discreet(path: Path | str) -> Iterator[None]:
    """Errors raised inside name the file as :func:`shown_name` does."""
    try:
        yield
    except GeoserviceError as error:
        name, shown = Path(path).name, shown_name(path)
        if name != shown:
            error.message = error.message.replace(name, shown)
            error.args = (error.message, *error.args[1:])
        raise
