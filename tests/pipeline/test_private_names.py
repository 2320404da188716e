"""Telephone numbers where none belongs: in ticket numbers, cell keys, file names. None is stored or shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoservice import tables
from geoservice.config import default_config
from geoservice.errors import InputError
from geoservice.intake.classes import classes_of
from geoservice.parsing.masking import mask
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

CANARY = "13999999999"
HEADING = "ticket_no,accepted_at,text,place_text,serving_cgi\n"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(Store(f"sqlite:///{tmp_path}/geo.db"), tmp_path, default_config(), LocatorCache())


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent.name != "in")


def test_no_field_keeps_the_number(place: Workplace, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"客户{CANARY}.csv"
    path.write_text(
        f"{HEADING}{CANARY},2026-03-04,没信号,建设路{CANARY},{CANARY}\nT2,x{CANARY},没信号,建设路,\n", "utf-8"
    )
    report = import_file(place, "complaints", path, ImportOptions())
    assert (report.file, report.taken, report.rejected) == ("客户[phone].csv", 1, 1)
    assert any("serving cells" in note for note in report.notes)
    assert CANARY not in str(report)
    assert CANARY.encode() not in bytes_of(tmp_path)
    assert CANARY not in "".join(str(entry) for entry in place.store.imports())


def test_a_cell_on_file_keeps_its_key_of_eleven_digits(place: Workplace, tmp_path: Path) -> None:
    cell = pd.DataFrame({"cgi": [CANARY], "lat": [22.5], "lon": [114.1], "rat": ["NR"]})
    place.store.upsert("cells", tables.conform(cell, tables.CELLS))
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADING}T1,2026-03-04,没信号,,{CANARY}\n", "utf-8")
    assert import_file(place, "complaints", path, ImportOptions()).taken == 1
    assert place.store.read("complaints")["serving_cgi"].tolist() == [CANARY]


@pytest.mark.parametrize("text", ["", "ticket_no,text\n1,2\n", "PK\x03\x04"])
def test_errors_do_not_show_the_name(place: Workplace, tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{CANARY}.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        import_file(place, "complaints", path, ImportOptions())
    assert CANARY not in str(caught.value)
    assert "[phone].csv" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "打13999999999打不通",
        "no signal, call me on 13999999999",
        "张先生 没信号 13999999999",
        "a.b@qq.com 上网慢",
        "打不出去 1 3 9 9 9 9 9 9 9 9 9",
    ],
)
def test_a_mark_does_not_speak(text: str) -> None:
    """The class, phrase and details are those of the text with a gap in place of the number."""
    masked = mask(pd.Series([text], dtype="str"))
    gap = masked.str.replace(r"\[\w+\]", " ", regex=True)
    nothing = pd.Series([None], dtype="str")
    pd.testing.assert_frame_equal(classes_of(masked, nothing), classes_of(gap, nothing))
