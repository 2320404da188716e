"""Servers that reach too far: overshoot seen in measurements and complaints, not only predicted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.join.plane import to_plane

MINIMUM_NEARER_SITES = 2  # handbook section 5, "Derived": two other sites nearer the place


class Reach:
    """Masts of a network and how far each cell should reach.

    The reference distance of a cell is the distance to its nearest site that is not co-located
    (handbook section 5, overshoot).
    """

    def __init__(self, cells: pd.DataFrame, config: Config) -> None:
        from scipy.spatial import cKDTree  # late: scipy costs start-up time

        self._cells = cells.drop_duplicates("cgi").set_index("cgi")
        lat, lon = self._cells["lat"].to_numpy(float), self._cells["lon"].to_numpy(float)
        self._origin = (float(lat.mean()), float(lon.mean())) if len(lat) else (0.0, 0.0)
        self._points = np.column_stack(to_plane(lat, lon, *self._origin))
        self._sites = _merge_cosited(self._points, config["cosite_m"])
        self._tree = cKDTree(self._sites) if len(self._sites) else None
        self._factor = config["overshoot_factor"]
        self._reference = self._nearest_other_site(config["cosite_m"])

    def _nearest_other_site(self, cosite_m: float) -> np.ndarray:
        if self._tree is None or len(self._sites) < 2:
            return np.full(len(self._points), np.nan)
        distance, _ = self._tree.query(self._points, k=min(4, len(self._sites)))
        return np.asarray(np.where(distance >= cosite_m, distance, np.inf).min(axis=1))

    def far(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Per row of ``frame`` (``lat``, ``lon``, ``cgi``): ``known``, ``ratio``, ``far`` (overshoot at that point)."""
        position = self._cells.index.get_indexer(pd.Index(frame["cgi"].astype("object")))
        known = position >= 0
        if self._tree is None or not known.any():
            return pd.DataFrame({"known": False, "ratio": np.nan, "far": False}, index=frame.index)
        points = np.column_stack(to_plane(frame["lat"], frame["lon"], *self._origin))
        distance = np.hypot(*(points - self._points[position]).T)
        ratio = distance / self._reference[position]
        nearest, _ = self._tree.query(points, k=[min(MINIMUM_NEARER_SITES, len(self._sites))])
        far = known & (ratio > self._factor) & (nearest[:, 0] < distance)
        return pd.DataFrame({"known": known, "ratio": np.where(known, ratio, np.nan), "far": far}, index=frame.index)


def _merge_cosited(points: np.ndarray, cosite_m: float) -> np.ndarray:
    rounded = np.round(points / cosite_m).astype(np.int64)
    _, first = np.unique(rounded, axis=0, return_index=True)
    return points[np.sort(first)]


def far_features(
    samples: pd.DataFrame, cases: pd.DataFrame, everywhere: pd.DataFrame, reach: Reach, count: int
) -> pd.DataFrame:
    """Observed servers that overshoot: ``far_share``, ``_expected``, ``_ratio``, ``_cgi``, ``_known``."""
    seen = _observations(samples, cases)
    flags = reach.far(seen)
    frame = pd.concat([seen, flags], axis=1)
    frame = frame[frame["known"]]
    groups = dict(iter(frame.groupby("subject")))
    rows = [_row(groups.get(i, frame.iloc[:0])) for i in range(count)]
    usual = reach.far(everywhere[everywhere["cgi"].notna()])
    expected = float(usual["far"][usual["known"]].mean()) if usual["known"].any() else float("nan")
    return pd.DataFrame(rows, index=range(count)).assign(far_expected=expected)


def _observations(samples: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    columns = ["subject", "lat", "lon", "cgi", "weight"]
    measured = samples[samples["cgi"].notna()][columns]
    said = cases[cases["serving_cgi"].notna() & cases["fix_lat"].notna()]
    said = said[["subject", "fix_lat", "fix_lon", "serving_cgi", "share"]].set_axis(columns, axis=1)
    mean_weight = float(measured["weight"].mean()) if len(measured) else 1.0
    return pd.concat([measured, said.assign(weight=said["weight"] * mean_weight)], ignore_index=True)


def _row(part: pd.DataFrame) -> dict[str, object]:
    weight, far = part["weight"].to_numpy(float), part["far"].to_numpy(bool)
    if not len(part) or weight.sum() <= 0:
        return {"far_share": np.nan, "far_ratio": np.nan, "far_cgi": None, "far_known": 0.0}
    culprit = part["weight"][far].groupby(part["cgi"][far]).sum()
    return {
        "far_share": float(weight[far].sum() / weight.sum()),
        "far_ratio": float(part["ratio"][far].median()) if far.any() else float(part["ratio"].median()),
        "far_cgi": str(culprit.idxmax()) if len(culprit) else None,
        "far_known": float(len(part)),
    }
