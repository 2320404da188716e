"""Fields that help but do not decide: an odd value is dropped with a remark, the complaint stays."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import ta_distance_m
from geoservice.intake.items import items_of
from geoservice.intake.privacy import mask
from geoservice.intake.vocabulary import CHOICES, FLAG_WORDS, UNKNOWN
from geoservice.parsing.counting import counted
from geoservice.parsing.flags import flags
from geoservice.parsing.numbers import floats, integers, whole_texts
from geoservice.parsing.text import Mask, choose, lookup_key, map_distinct
from geoservice.tables import COMPLAINTS

FREE_TEXT = (
    "terminal_model", "roaming_country", "roaming_operator", "prl_version", "time_pattern", "status", "result",
    "operator", "demand", "owner_dept", "event_note",
)  # fmt: skip
FREE_TEXT_LIMIT = 4000
_FLAGS = ("indoor", "other_phone_ok", "other_sim_ok", "peers_ok", "dual_sim", "volte_on")
# Values of a short list, of a small range, or the key of a cell: read each by itself.
LISTED = (*CHOICES, *_FLAGS, "radius_m", "floor", "bars", "serving_cgi")
_NR_MU = 1  # 30 kHz, the usual subcarrier spacing of NR below 6 GHz; a step is half of LTE's


class Notes:
    """Remarks on rows that were taken in spite of something; counted, without values."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, count: int, what: str) -> None:
        if count:
            self._counts[what] += count

    def say(self, sentence: str) -> None:
        """A remark that is not counted by rows."""
        self._counts[sentence] = -1

    def lines(self) -> tuple[str, ...]:
        return tuple(what if count < 0 else counted(count, what) for what, count in self._counts.items())


def optional_fields(frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The optional columns of table ``complaints`` that ``frame`` brings, typed."""
    found: dict[str, object] = {}
    for name in FREE_TEXT:
        if name in frame:
            found[name] = mask(frame[name]).str.slice(0, FREE_TEXT_LIMIT)
    for name in CHOICES:
        if name in frame:
            found[name] = _choice(frame[name], name, notes)
    for name in _FLAGS:
        if name in frame:
            values, bad = flags(_known(frame[name]), FLAG_WORDS.get(name))
            _remark(notes, bad, name)
            found[name] = values
    found.update(_numbers(frame, notes))
    if "items" in frame:
        found["items"], bad = items_of(frame["items"])
        _remark(notes, bad, "items")
    if "serving_cgi" in frame:
        keys, lossy = whole_texts(_known(frame["serving_cgi"]))
        found["serving_cgi"] = keys.mask(lossy)
        notes.add(int(lossy.sum()), "serving_cgi in scientific notation had lost digits and were left out")
    return pd.DataFrame(found, index=frame.index)


def _choice(texts: pd.Series, name: str, notes: Notes) -> pd.Series:
    values, unknown = choose(_known(texts), CHOICES[name])
    _remark(notes, unknown, name)
    if name == "channel":
        values = values.mask(unknown, "other")
    return values


def _numbers(frame: pd.DataFrame, notes: Notes) -> dict[str, object]:
    found: dict[str, object] = {}
    if "radius_m" in frame:
        radius, bad = floats(frame["radius_m"])
        negative = radius < 0
        _remark(notes, bad | negative, "radius_m")
        found["radius_m"] = np.where(negative, np.nan, radius)
    if "floor" in frame:
        found["floor"] = _whole(_floors(frame["floor"]), "floor", notes)
    if "bars" in frame:
        found["bars"] = _whole(frame["bars"].str.replace(r"(?i)\s*(?:格|bars?)$", "", regex=True), "bars", notes)
    if "ta_m" in frame or "ta_steps" in frame:
        found["ta_m"] = _timing_advance(frame, notes)
    return found


def _whole(texts: pd.Series, name: str, notes: Notes) -> pd.Series:
    """A whole number within its declared range; anything else is left out."""
    values, bad = integers(texts)
    column = COMPLAINTS.by_name[name]
    outside = (values < (column.low or 0)) | (values > (column.high or 0))
    _remark(notes, bad | outside, name)
    return pd.Series(np.where(outside, np.nan, values), index=texts.index).astype("Int64")


def _timing_advance(frame: pd.DataFrame, notes: Notes) -> NDArray[np.float64]:
    """Metres from the serving cell: as given, or steps of the technology shown (4G where it is unknown)."""
    nothing = pd.Series(None, index=frame.index, dtype="str")
    metres, bad = floats(frame.get("ta_m", nothing))
    steps, odd = integers(frame.get("ta_steps", nothing))
    is_nr = (choose(frame.get("rat_shown", nothing), CHOICES["rat_shown"])[0] == "5G").to_numpy()
    from_steps = np.where(is_nr, ta_distance_m(steps, _NR_MU), ta_distance_m(steps))
    values = np.where(np.isnan(metres), from_steps, metres)
    negative = values < 0
    _remark(notes, bad | odd | negative, "ta_m")
    return np.where(negative, np.nan, values)


def _floors(texts: pd.Series) -> pd.Series:
    """``B2``, ``负2层``, ``地下二层``, ``12F``, ``12楼`` as whole numbers."""
    plain = texts.str.replace(r"(?i)\s*(?:楼|层|樓|層|f|floor)$", "", regex=True)
    plain = plain.str.replace(r"(?i)^(?:b|负|地下|-)\s*(\d+)$", r"-\1", regex=True)
    words = {
        "地下一": "-1",
        "地下二": "-2",
        "地下三": "-3",
        "负一": "-1",
        "负二": "-2",
        "地下": "-1",
        "一": "1",
        "二": "2",
        "三": "3",
    }
    return plain.replace(words)


def _known(texts: pd.Series) -> pd.Series:
    unknown = map_distinct(texts, lambda text: lookup_key(text) in UNKNOWN).fillna(False).astype(bool)
    return texts.mask(unknown)


def _remark(notes: Notes, odd: Mask, name: str) -> None:
    notes.add(int(odd.sum()), f"values of {name} are not known to us and were left out")
