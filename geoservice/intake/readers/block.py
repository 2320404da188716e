"""What every reader hands on: records split into fields, still under the file's own headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Block:
    """Some records of a file.

    ``frame`` has one text column per heading; ``lines`` the physical line (or record number) of
    each row; ``rejects`` the records that could not be split; ``read`` counts both.
    """

    frame: pd.DataFrame
    lines: NDArray[np.int64]
    rejects: pd.DataFrame
    read: int


class Reader(Protocol):
    """A file of records.

    ``kind`` names the format for the preview, ``encoding`` how its text is written, ``serials``
    how a bare number in a time column counts (spreadsheets only).
    """

    kind: ClassVar[str]

    @property
    def encoding(self) -> str: ...

    @property
    def serials(self) -> str | None: ...

    def headings(self) -> tuple[str, ...]:
        """Headings of the file, in order."""
        ...

    def blocks(self) -> Iterator[Block]:
        """The records, some at a time."""
        ...
