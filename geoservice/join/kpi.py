"""Counters of the cells that serve a subject, reduced to the cell that deviates most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.join.counters import Counters, deviations, span_of

# Table evidence: column -> (column of the cell's deviations, which extreme over the cells is the worst)
WORST: dict[str, tuple[str, str]] = {
    "rrc_z": ("rrc_z", "min"),
    "access_z": ("access_z", "min"),
    "drop_z": ("drop_z", "max"),
    "ho_z": ("ho_z", "min"),
    "qci1_setup_z": ("qci1_setup_z", "min"),
    "qci1_drop_z": ("qci1_drop_z", "max"),
    "qci1_ul_loss": ("qci1_ul_loss_now", "max"),
    "qci1_dl_loss": ("qci1_dl_loss_now", "max"),
    "prb_busy": ("prb_busy", "max"),
    "ul_interf_dbm": ("ul_interf_dbm", "max"),
    "avail_share": ("avail_share", "min"),
    "avail_mean": ("avail_mean", "min"),
    "access_rate": ("access_now", "min"),
    "drop_rate": ("drop_now", "max"),
    "ho_rate": ("ho_now", "min"),
    "users_ratio": ("users_ratio", "max"),
    "traffic_ratio": ("traffic_ratio", "min"),
    "kpi_periods": ("kpi_periods", "max"),
}
# The value before belongs to the same cell as the value now.
PARTNERS: dict[str, tuple[str, ...]] = {
    "qci1_ul_loss": ("qci1_ul_loss_before", "qci1_ul_loss_z"),
    "qci1_dl_loss": ("qci1_dl_loss_before", "qci1_dl_loss_z"),
    "prb_busy": ("prb_busy_before",),
    "ul_interf_dbm": ("ul_interf_before_dbm",),
    "access_rate": ("access_before",),
    "drop_rate": ("drop_before",),
    "ho_rate": ("ho_before",),
}
# Handbook section 6: a cell matters that serves at least a fifth of the place.
SERVING_SHARE = 0.2
MOST_CELLS = 4


def responsible(servers: pd.DataFrame) -> pd.DataFrame:
    """Cells that serve at least 20 % of the subject, the strongest one in any case, at most four."""
    strong = servers["probability"] >= SERVING_SHARE
    first = ~servers.duplicated("subject")
    return servers[strong | first].groupby("subject").head(MOST_CELLS)


def cell_deviations(cells: pd.DataFrame, spans: pd.DataFrame, counters: Counters, config: Config) -> pd.DataFrame:
    """One row per subject and cell: its counters in the subject's span against its own past.

    Parameters
    ----------
    cells : ``subject``, ``cgi``, ``probability``.
    spans : ``begin_s``, ``end_s`` per subject (row position), seconds UTC.
    """
    rows = []
    begin, end = spans["begin_s"].to_numpy(float), spans["end_s"].to_numpy(float)
    for subject, cgi, share in zip(cells["subject"], cells["cgi"], cells["probability"], strict=True):
        span = span_of(counters, cgi, begin[subject], end[subject], config)
        if len(span.now):
            head = {"subject": subject, "cgi": cgi, "probability": share}
            rows.append(head | deviations(counters, span, config))
    frame = pd.DataFrame(rows) if rows else pd.DataFrame({"subject": pd.Series(dtype="int64")})
    return _with_ratios(frame)


def _with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    if not len(frame):
        return frame
    users = frame["users"] / frame["users_before"].where(frame["users_before"] > 0)
    traffic = frame["traffic"] / frame["traffic_before"].where(frame["traffic_before"] > 0)
    return frame.assign(users_ratio=users, traffic_ratio=traffic)


def features(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """Evidence columns about counters: for each the worst of the responsible cells."""
    groups = dict(iter(frame.groupby("subject"))) if len(frame) else {}
    return pd.DataFrame([_row(groups.get(i)) for i in range(count)], index=range(count))


def _row(part: pd.DataFrame | None) -> dict[str, object]:
    names = [*WORST, *(p for partners in PARTNERS.values() for p in partners)]
    row: dict[str, object] = dict.fromkeys(names, np.nan)
    row |= {"has_kpis": part is not None, "kpi_cgi": None}
    if part is None:
        return row
    for name, (column, extreme) in WORST.items():
        worst = _position(part[column].to_numpy(float), extreme)
        if worst is not None:
            row[name] = float(part[column].iloc[worst])
            row |= {p: float(part[p].iloc[worst]) for p in PARTNERS.get(name, ())}
    return row | {"kpi_cgi": str(part["cgi"].iloc[_strangest(part)])}


def _position(values: np.ndarray, extreme: str) -> int | None:
    if not np.isfinite(values).any():
        return None
    return int(np.nanargmin(values) if extreme == "min" else np.nanargmax(values))


def _strangest(part: pd.DataFrame) -> int:
    """Position of the cell with the largest adverse deviation, weighed by what it serves."""
    z = part[["rrc_z", "access_z", "ho_z", "qci1_setup_z"]].to_numpy(float)
    adverse = np.column_stack([-z, part[["drop_z", "qci1_drop_z"]].to_numpy(float)])
    worst = np.max(np.where(np.isfinite(adverse), adverse, 0.0), axis=1)
    levels = 10 * np.nan_to_num(part["prb_busy"].to_numpy(float) - 0.7).clip(0)
    noise = np.nan_to_num(part["ul_interf_dbm"].to_numpy(float) + 108).clip(0)
    return int(np.argmax((worst.clip(0, 20) + levels + noise + 1e-3) * part["probability"].to_numpy(float)))
