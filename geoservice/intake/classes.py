"""The class of a complaint: given by the source, or read from what the customer said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from geoservice.parsing.masking import without_marks
from geoservice.parsing.text import clean, series

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
    plain = (
        value if isinstance(value, str) else "|".join(value) if isinstance(value, list) else None for value in values
    )
    return pa.array([text or None for text in plain], pa.large_string())


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
