"""Which cells serve a subject, with what probability, and how far away they stand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.join.plane import distance_m, to_plane

# A handful of observed servers weighs as much as the prediction.
OBSERVED_HALF = 5.0
# A measurement names the server of one moment; five weigh as much as a complaint's own cell.
SAMPLES_PER_COMPLAINT = 5.0
KEPT_SHARE = 0.02


def servers(here: pd.DataFrame, serving: pd.DataFrame, cases: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Cells of each subject: ``subject``, ``cgi``, ``probability``, ``predicted``, ``basis``.

    Prediction (table SERVING over the hexes) is mixed with what was observed: cells named by
    the customers and cells of measurements; the more is observed, the less the prediction counts.
    """
    predicted = _predicted(here, serving)
    observed = _observed(cases, samples)
    both = pd.concat([predicted.assign(seen=0.0), observed.assign(predicted=0.0, basis=None)], ignore_index=True)
    frame = both.groupby(["subject", "cgi"], as_index=False).agg(
        predicted=("predicted", "sum"), seen=("seen", "sum"), basis=("basis", "first")
    )
    total = frame.groupby("subject")["seen"].transform("sum").to_numpy(float)
    trust = np.where(frame.groupby("subject")["predicted"].transform("sum") > 0, total / (total + OBSERVED_HALF), 1.0)
    share = np.divide(frame["seen"].to_numpy(float), total, out=np.zeros(len(frame)), where=total > 0)
    frame["probability"] = trust * share + (1 - trust) * frame["predicted"]
    frame["basis"] = frame["basis"].fillna("predicted").where(frame["seen"] == 0, "measured")
    kept = frame[(frame["probability"] >= KEPT_SHARE) | (frame["predicted"] >= KEPT_SHARE)]
    return kept.sort_values(["subject", "probability"], ascending=[True, False], ignore_index=True)


def _predicted(here: pd.DataFrame, serving: pd.DataFrame) -> pd.DataFrame:
    joined = here.merge(serving, on="hex")
    joined["predicted"] = joined["weight"] * joined["probability"]
    grouped = joined.groupby(["subject", "cgi"], as_index=False)
    frame = grouped.agg(predicted=("predicted", "sum"), basis=("basis", "first"))
    totals = frame.groupby("subject")["predicted"].transform("sum")
    return frame.assign(predicted=frame["predicted"] / totals.where(totals > 0, 1.0))


def _observed(cases: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    said = cases[cases["serving_cgi"].notna()][["subject", "serving_cgi", "share"]]
    said = said.set_axis(["subject", "cgi", "seen"], axis=1)
    seen = samples[samples["cgi"].notna()][["subject", "cgi"]]
    seen = seen.assign(seen=1.0 / SAMPLES_PER_COMPLAINT)
    both = pd.concat([said, seen], ignore_index=True)
    return both.groupby(["subject", "cgi"], as_index=False).agg(seen=("seen", "sum"))


def with_distance(frame: pd.DataFrame, subjects: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """``frame`` plus ``distance_m`` from the subject's centre and ``site_id`` of each cell."""
    place = cells.drop_duplicates("cgi")[["cgi", "lat", "lon", "site_id"]]
    joined = frame.merge(place, on="cgi", how="left")
    centre = subjects[["lat", "lon"]].to_numpy(float)[joined["subject"].to_numpy(int)]
    east, north = _offsets(joined, centre)
    return joined.assign(distance_m=np.hypot(east, north)).drop(columns=["lat", "lon"])


def _offsets(joined: pd.DataFrame, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(joined):
        return np.empty(0), np.empty(0)
    lat0, lon0 = (float(v) for v in centre[0])
    east, north = to_plane(joined["lat"], joined["lon"], lat0, lon0)
    east0, north0 = to_plane(centre[:, 0], centre[:, 1], lat0, lon0)
    return east - east0, north - north0


def as_json(frame: pd.DataFrame, count: int, limit: int = 6) -> pd.Series:
    """Column ``serving`` of the evidence: the strongest cells of each subject as a list of objects."""
    top = frame.groupby("subject").head(limit)
    columns = ["cgi", "probability", "distance_m", "basis"]
    lists = {i: _records(part[columns]) for i, part in dict(iter(top.groupby("subject"))).items()}
    return pd.Series([lists.get(i, []) for i in range(count)], dtype="object")


def _records(part: pd.DataFrame) -> list[dict[str, object]]:
    rounded = part.round({"probability": 3, "distance_m": 0}).astype("object")
    return [{str(k): v for k, v in row.items()} for row in rounded.where(part.notna(), None).to_dict("records")]


def nearest_site_m(subjects: pd.DataFrame, cells: pd.DataFrame) -> np.ndarray:
    """Distance in metres from each subject's centre to the nearest active outdoor site; NaN without cells."""
    active = cells[cells["status"].fillna("active").eq("active") & ~cells["indoor"].fillna(False).astype(bool)]
    sites = active.drop_duplicates(["lat", "lon"])
    if not len(sites):
        return np.full(len(subjects), np.nan)
    centres = subjects[["lat", "lon"]].to_numpy(float)
    return np.array([distance_m(sites["lat"], sites["lon"], lat, lon).min() for lat, lon in centres])
