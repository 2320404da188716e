"""The text key of a radio cell, given or composed of its parts; never a float, MNC with its zero."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.network.draft import Draft, Floats
from geoservice.parsing.text import Mask

# Mobile country codes of North America, where the network code has three digits (ITU-T E.212 list).
_THREE_DIGIT_MNC = frozenset(
    "302 310 311 312 313 314 315 316 334 342 344 346 348 352 354 356 358 360 364 365 366".split()  # noqa: SIM905
)
_DEFAULT_GNB_BITS = 24  # usual in China; 22 to 32 are allowed (TS 38.413)
_NCI_BITS, _ECI_CELLS = 36, 256


def cell_keys(draft: Draft, rats: pd.Series) -> pd.Series:
    """``cgi`` of every row: the given text, else composed of eNB or gNB and cell, ECI, NCI, or LAC and CI."""
    given = draft.key("cgi", required=False)
    parts = {
        name: draft.key(name, required=False)
        for name in ("enb_id", "gnb_id", "cell_id", "eci", "nci", "lac", "tac", "ci")
    }
    prefix = _plmn(draft)
    local = _base_and_cell(draft, parts, rats).fillna(_area_and_cell(parts))
    keys = given.fillna((prefix + "-" + local).fillna(local))
    draft.refuse(
        keys.isna(), "cgi", "missing", "no cgi, and nothing to compose it of (eNB and cell, ECI, NCI, or LAC and CI)"
    )
    return keys.astype("str")


def _plmn(draft: Draft) -> pd.Series:
    mcc = draft.key("mcc", required=False)
    mnc = draft.key("mnc", required=False)
    long = mcc.isin(_THREE_DIGIT_MNC)
    padded = mnc.str.zfill(2).where(~long, mnc.str.zfill(3))
    return mcc + "-" + padded


def _base_and_cell(draft: Draft, parts: dict[str, pd.Series], rats: pd.Series) -> pd.Series:
    """``eNB-cell`` or ``gNB-cell``, also out of an ECI or NCI."""
    base = parts["enb_id"].fillna(parts["gnb_id"])
    cell = parts["cell_id"].fillna(parts["ci"])
    composed = base + "-" + cell
    eci = _whole(parts["eci"])
    crowd = _crowd(draft)
    eci = np.where(np.isnan(eci) & crowd & (rats == "LTE").to_numpy(), _whole(parts["ci"]), eci)
    nci = _whole(parts["nci"])
    nci = np.where(np.isnan(nci) & crowd & (rats == "NR").to_numpy(), _whole(parts["ci"]), nci)
    return composed.fillna(_split(eci, np.full(len(eci), float(_ECI_CELLS)))).fillna(_split(nci, _nci_cells(draft)))


def _crowd(draft: Draft) -> Mask:
    return np.asarray(draft.text("position_source") == "crowd", bool)


def _area_and_cell(parts: dict[str, pd.Series]) -> pd.Series:
    return parts["lac"].fillna(parts["tac"]) + "-" + parts["ci"]


def _nci_cells(draft: Draft) -> Floats:
    """Cells a gNB can have: 2 to the power of the bits its number leaves (NCI has 36)."""
    bits, _ = draft.soft_number("gnb_id_bits", whole=True)
    bits = np.where((bits >= 22) & (bits <= 32), bits, _DEFAULT_GNB_BITS)
    return np.exp2(_NCI_BITS - bits)


def _split(identity: Floats, cells: Floats) -> pd.Series:
    known = np.isfinite(identity)
    filled = np.where(known, identity, 0.0)
    base, cell = np.floor(filled / cells).astype(np.int64), (filled % cells).astype(np.int64)
    text = pd.Series(base).astype("str") + "-" + pd.Series(cell).astype("str")
    return text.where(known)


def _whole(texts: pd.Series) -> Floats:
    """Identities below 2**53 as exact floats; anything else is unknown."""
    plain = texts.str.fullmatch(r"\d{1,15}").fillna(False).to_numpy(bool)
    return np.asarray(pd.to_numeric(texts.where(plain), errors="coerce"), float)
