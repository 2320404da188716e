"""Which cell served each single complaint, with what probability."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.geodesy import distance_m

# A cell the handset showed served it at that moment, though perhaps not where and when the trouble was [J].
TOLD_TRUST = 0.8
KEPT_SHARE = 0.02
MOST_SERVERS = 6


def contact_servers(
    located: pd.DataFrame, weights: pd.DataFrame, serving: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Cells that may have served each complaint, likeliest first.

    The probability of a cell is that of table SERVING (prediction blended with the shares of
    measured samples) averaged over the hexes the complaint may lie in. Where the complaint names
    a cell, that one takes 80 % and the rest share the remainder; all of it without prediction.

    Parameters
    ----------
    located : complaints with ``row``, ``complaint_id``, ``serving_cgi``, ``fix_lat``, ``fix_lon``.
    weights : table WEIGHTS at the resolution of ``serving``.
    serving, cells : the tables of these names.

    Returns
    -------
    DataFrame with columns row, cgi, probability (at most :data:`MOST_SERVERS` cells a complaint),
    basis (*told*, *measured*, *blended*, *predicted*, *assumed*), distance_m (NaN where the place
    or the mast is unknown), site_id.
    """
    predicted = _predicted(located, weights, serving)
    told = located.loc[located["serving_cgi"].notna(), ["row", "serving_cgi"]]
    told = told.set_axis(["row", "cgi"], axis=1).assign(told=1.0)
    both = predicted.merge(told, on=["row", "cgi"], how="outer")
    is_told = both["told"].notna().to_numpy()
    share = both["predicted"].fillna(0.0).to_numpy(float)
    names_one = both["row"].isin(told["row"]).to_numpy()
    has_other = both["row"].isin(predicted["row"]).to_numpy()
    trust = np.where(names_one, np.where(has_other, TOLD_TRUST, 1.0), 0.0)
    both["probability"] = (trust * is_told + (1 - trust) * share).clip(0.0, 1.0)
    both["basis"] = both["basis"].mask(is_told, "told")
    kept = both[(both["probability"] >= KEPT_SHARE) | is_told]
    kept = kept.sort_values(["row", "probability", "cgi"], ascending=[True, False, True], ignore_index=True)
    kept = kept.groupby("row").head(MOST_SERVERS)[["row", "cgi", "probability", "basis"]]
    return _with_masts(kept.reset_index(drop=True), located, cells)


def _predicted(located: pd.DataFrame, weights: pd.DataFrame, serving: pd.DataFrame) -> pd.DataFrame:
    """``row``, ``cgi``, ``predicted`` (sums to 1 over a complaint), ``basis`` of the likeliest hex."""
    rows = pd.Series(located["row"].to_numpy(), index=located["complaint_id"])
    here = weights.assign(row=weights["complaint_id"].map(rows)).dropna(subset=["row"])
    joined = here[["row", "hex", "weight"]].merge(serving[["hex", "cgi", "probability", "basis"]], on="hex")
    joined = joined.assign(row=joined["row"].astype("int64"), predicted=joined["weight"] * joined["probability"])
    joined = joined.sort_values(["row", "predicted"], ascending=[True, False], kind="stable")
    found = joined.groupby(["row", "cgi"], as_index=False).agg(predicted=("predicted", "sum"), basis=("basis", "first"))
    total = found.groupby("row")["predicted"].transform("sum")
    return found.assign(predicted=found["predicted"] / total.where(total > 0, 1.0))


def _with_masts(servers: pd.DataFrame, located: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    masts = cells.drop_duplicates("cgi")[["cgi", "lat", "lon", "site_id"]]
    joined = servers.merge(masts, on="cgi", how="left")
    place = located.set_index("row").loc[joined["row"], ["fix_lat", "fix_lon"]].to_numpy(float)
    mast = joined[["lat", "lon"]].to_numpy(dtype="float64", na_value=np.nan)
    known = np.isfinite(place).all(axis=1) & np.isfinite(mast).all(axis=1)
    distance = np.full(len(joined), np.nan)
    distance[known] = distance_m(place[known, 0], place[known, 1], mast[known, 0], mast[known, 1])
    return joined.assign(distance_m=distance).drop(columns=["lat", "lon"])


def best_two(servers: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    """``serving_*`` and ``second_*`` of each complaint, indexed by row."""
    rank = servers.groupby("row").cumcount()
    first = servers[rank == 0].set_index("row").reindex(rows)
    second = servers[rank == 1].set_index("row").reindex(rows)
    return pd.DataFrame(
        {
            "serving_cgi": first["cgi"],
            "serving_probability": first["probability"],
            "serving_basis": first["basis"].fillna("none"),
            "serving_distance_m": first["distance_m"],
            "second_cgi": second["cgi"],
            "second_probability": second["probability"],
        }
    )
