from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.export.clean import FORMULA_LEADS, clean_columns, guard_formula, unguard_formula, writable

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=30)
TRICKY = st.text(alphabet="'=+-@\t\r\0＝a", max_size=6)


@given(st.one_of(ANY_TEXT, TRICKY))
def test_unguarding_takes_back_exactly_what_guarding_added(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text


@given(st.one_of(ANY_TEXT, TRICKY))
def test_a_guarded_text_never_starts_as_a_formula(text: str) -> None:
    assert not guard_formula(text).startswith(FORMULA_LEADS)


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r", "\0", "＝"])
def test_every_lead_gets_an_apostrophe(lead: str) -> None:
    assert guard_formula(f"{lead}cmd|' /C calc'!A0").startswith("'" + lead)


@given(ANY_TEXT)
def test_writable_text_is_utf8_and_xml(text: str) -> None:
    from xml.etree import ElementTree

    clean = writable(text)
    clean.encode("utf-8")
    element = ElementTree.Element("a")
    element.text = clean
    back = ElementTree.fromstring(ElementTree.tostring(element, encoding="unicode")).text or ""
    assert back.replace("\n", "") == clean.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "")
    assert len(clean) == len(text)


def test_altered_cells_are_listed_without_their_value() -> None:
    frame = pd.DataFrame({"a": ["ok", "bad\x00", None], "n": [1.0, 2.0, 3.0]})
    clean, altered = clean_columns(frame)
    assert clean["a"].tolist()[:2] == ["ok", "bad\ufffd"]
    assert [(entry.row, entry.column) for entry in altered] == [(1, "a")]
    assert "bad" not in altered[0].reason


def test_good_text_of_every_plane_stays_as_it_is() -> None:
    frame = pd.DataFrame({"a": ["信号😀𠀀\u202e\u200b", "tab\tline\n"]})
    clean, altered = clean_columns(frame)
    assert clean["a"].tolist() == frame["a"].tolist()
    assert altered == []
