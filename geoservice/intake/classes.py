"""The class of a complaint: given by the source, or read from what the customer said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoservice.parsing.masking import without_marks
from geoservice.parsing.text import arrow, clean, series

COLUMNS = (
    "class", "secondary", "tags", "direction", "audio", "echo_hearer",
    "time_pattern", "class_confidence", "phrase", "class_source",
)  # fmt: skip
_SAID = ("primary", "secondary", "tags", "direction", "audio", "echo_hearer", "time_pattern", "evidence")
_READ = {"tags": "tags", "direction": "direction", "audio": "audio", "echo_hearer": "echo_hearer"}


def classes_of(texts: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """Columns of table ``complaints`` that say what the trouble is.

    A label that names one of our classes decides (source ``given``); the text then adds tags
    and secondary classes. Otherwise the text decides, and where it says nothing, the label's own words.
    """
    from geoservice.intake.classify import given_class

    given = given_class(labels).astype("str")
    labelled = given.notna().to_numpy()
    said = _classified(texts.where(texts.notna(), labels.where(~labelled)))
    silent = (said["primary"].isin(["UNCLEAR"]) & labels.notna() & texts.notna()).to_numpy() & ~labelled
    if silent.any():
        said.loc[silent] = _classified(clean(labels)[silent]).to_numpy()
    primary = given.where(labelled, said["primary"]).fillna("UNCLEAR").astype("str")
    source = np.where(labelled, "given", np.where(said["evidence"].notna(), "text", "none"))
    return pd.DataFrame(
        {
            "class": primary,
            "secondary": _secondary(said, given),
            **{column: said[name] for column, name in _READ.items()},
            "time_pattern": said["time_pattern"],
            "class_confidence": np.where(labelled, 1.0, said["confidence"].astype(float).fillna(0.0)),
            "phrase": said["evidence"],
            "class_source": source,
        },
        index=texts.index,
    )


def class_of(text: str | None, label: str | None) -> dict[str, Any]:
    """:func:`classes_of` for one complaint: values of :data:`COLUMNS`, None where nothing is said.

    The same three steps in the same order; a frame of one row costs more than reading its text.
    """
    from geoservice.intake.classify import given_code

    given = None if label is None else given_code(label)
    said = _read(text if text is not None or given is not None else label)
    if said["primary"] == "UNCLEAR" and given is None and label is not None and text is not None:
        said = _read(_value(clean(pd.Series([label], dtype="str"))))
    read = said["primary"]
    overruled = given is not None and read not in {None, "UNCLEAR", given}
    return {
        "class": given or read or "UNCLEAR",
        "secondary": "|".join(filter(None, (read, said["secondary"]))) if overruled else said["secondary"],
        **{column: said[name] for column, name in _READ.items()},
        "time_pattern": said["time_pattern"],
        "class_confidence": 1.0 if given is not None else said["confidence"],
        "phrase": said["evidence"],
        "class_source": "given" if given is not None else "text" if said["evidence"] is not None else "none",
    }


def _read(text: str | None) -> dict[str, Any]:
    """What one text says, as :func:`_classified` has it."""
    from geoservice.intake.classify import classify_one

    if text is None:
        return {**dict.fromkeys(_SAID), "confidence": 0.0}
    plain = _value(without_marks(pd.Series([text], dtype="str")))
    found = classify_one(plain)
    return {**{name: _text(getattr(found, name)) for name in _SAID}, "confidence": float(found.confidence)}


def _value(column: pd.Series) -> Any:
    value = column.iloc[0]
    return None if pd.isna(value) else value


def _classified(texts: pd.Series) -> pd.DataFrame:
    """What the texts say, each distinct text read once; missing where there is no text."""
    from geoservice.intake.classify import classify

    codes, distinct = pd.factorize(without_marks(texts))
    found = classify(list(distinct))
    rows = pa.array(codes, mask=codes < 0)
    columns = {name: series(_texts(found[name]).take(rows), texts.index) for name in _SAID}
    confidence = np.append(np.asarray(found["confidence"], float), np.nan)[codes]
    return pd.DataFrame(columns, index=texts.index).assign(confidence=confidence)


def _texts(values: pd.Series) -> Any:
    """Lists as texts with bars, texts as they are, anything empty as missing: an Arrow array."""
    if isinstance(values.dtype, pd.StringDtype):
        plain = arrow(values)
        return pc.if_else(pc.equal(plain, ""), None, plain)
    return pa.array([_text(value) for value in values], pa.large_string())


def _text(value: Any) -> str | None:
    """A list with bars, a text as it is; anything empty is missing."""
    plain = value if isinstance(value, str) else "|".join(value) if isinstance(value, list | tuple) else None
    return plain or None


def _secondary(said: pd.DataFrame, given: pd.Series) -> pd.Series:
    """Secondary classes of the text; where a label overruled the text, the text's class joins them."""
    second = said["secondary"]
    overruled = (
        given.notna() & said["primary"].notna() & (said["primary"] != given) & (said["primary"] != "UNCLEAR")
    ).to_numpy()
    if not overruled.any():
        return second
    both = (said["primary"] + "|" + second.fillna("")).str.rstrip("|")
    return second.mask(overruled, both)
