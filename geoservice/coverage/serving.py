"""Who may serve a hex: the strongest cells with the probability that each is the best there.

Each cell's level at a random spot of the hex is its predicted level plus Gaussian shadowing,
half of it common to all cells (TR 36.814: correlation 0.5 between sites), which cancels in
comparisons. The probability that one of several independent Gaussians is the largest has no
closed form; it is approximated by the logistic (softmax) rule with scale σ_d·√6/π, where σ_d is the
spread of one cell's own part: exact for Gumbel noise of the same variance, within 0.06 of the
orthant probability for Gaussians (tested).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.config import Config
from geoservice.coverage import budget as answers
from geoservice.coverage.blocks import Block, Candidates, Places, block_levels, for_each_block
from geoservice.coverage.network import Network
from geoservice.tables import SERVING, concat, conform, empty

Floats = NDArray[np.float64]

STRONGEST = 6
LEAST_PROBABILITY = 0.01
OWN_SHADOW_SHARE = 0.5  # variance not shared between cells
GUMBEL = np.sqrt(6) / np.pi
# Share of a hex's phones that an indoor system of the hex takes [J]: one building among several.
INDOOR_SHARE = 0.3


def serving(
    network: Network, candidates: Candidates, places: Places, config: Config, measured: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Table ``serving`` of the places; measured shares blended in by w = n/(n + k)."""
    parts = [_predicted(network, candidates, places), *_indoor(network, places)]
    frame = concat([part for part in parts if len(part)], SERVING) if any(map(len, parts)) else empty(SERVING)
    frame = _with_indoor_share(frame, network)
    if measured is not None and len(measured):
        frame = blend_shares(frame, measured.loc[measured["hex"].isin(places.hexes)], config["blend_k"])
    return conform(frame.sort_values(["hex", "probability"], ascending=[True, False], ignore_index=True), SERVING)


def blend_shares(frame: pd.DataFrame, measured: pd.DataFrame, blend_k: float) -> pd.DataFrame:
    """Predicted probabilities and measured shares of samples by cell, weighted n/(n + k)."""
    named = measured.dropna(subset=["cgi"])
    total = named.groupby("hex")["samples"].transform("sum")
    seen = named.assign(share=named["samples"] / total, weight=total / (total + blend_k))
    both = frame.merge(seen[["hex", "cgi", "share", "median_dbm"]], on=["hex", "cgi"], how="outer")
    weight = both["hex"].map(seen.groupby("hex")["weight"].first()).fillna(0.0).to_numpy(dtype=float)
    share = both["share"].fillna(0.0).to_numpy(dtype=float)
    predicted = both["probability"].fillna(0.0).to_numpy(dtype=float)
    both["probability"] = weight * share + (1 - weight) * predicted
    both["rsrp_dbm"] = both["median_dbm"].where(both["median_dbm"].notna(), both["rsrp_dbm"])
    both["basis"] = np.select([share > 0.0, weight > 0.0], ["measured", "blended"], both["basis"].astype(object))
    both = both.loc[both["probability"] >= LEAST_PROBABILITY]
    both["probability"] /= both.groupby("hex")["probability"].transform("sum")
    return both.drop(columns=["share", "median_dbm"])


def footprint(network: Network, candidates: Candidates, row: int, resolution: int, window_db: float) -> pd.DataFrame:
    """Hexes where a cell is best or within ``window_db`` of the best on its channel."""
    places = _around(network, row, resolution)
    level, best = np.full(len(places.hexes), -np.inf), np.full(len(places.hexes), -np.inf)

    def work(block: Block) -> None:
        rows, table = block_levels(network, candidates, places, block)
        same = network.channel[rows] == network.channel[row]
        best[block.rows] = table[same].max(axis=0, initial=-np.inf)
        level[block.rows] = table[rows == row].max(axis=0, initial=-np.inf)

    for_each_block(places, work)
    inside = np.isfinite(level) & (level >= best - window_db)
    chosen = places.take(inside)
    return pd.DataFrame(
        {
            "hex": chosen.hexes,
            "lat": chosen.lat,
            "lon": chosen.lon,
            "rsrp_dbm": level[inside],
            "is_best": level[inside] >= best[inside],
            "behind_db": best[inside] - level[inside],
            "distance_m": answers.pair_links(network, np.full(len(chosen.hexes), row), chosen).distance_m,
        }
    )


def overshoot_cells(network: Network, candidates: Candidates, places: Places, config: Config) -> pd.DataFrame:
    """Per cell: hexes in which it is best or within the window, and those in which it overshoots."""
    hits: list[tuple[NDArray, NDArray]] = []

    def work(block: Block) -> None:
        rows, table = block_levels(network, candidates, places, block)
        if len(rows):
            cell, place = np.nonzero(table >= _channel_best(table, network.channel[rows]) - config["overlap_window"])
            hits.append((rows[cell], block.rows[place]))

    for_each_block(places, work)
    cell = np.concatenate([c for c, _ in hits]) if hits else np.empty(0, np.int64)
    place = np.concatenate([p for _, p in hits]) if hits else np.empty(0, np.int64)
    return _overshoot_summary(network, places.take(place), cell, config["overshoot_factor"])


def _overshoot_summary(network: Network, places: Places, cell: NDArray[np.int64], factor: float) -> pd.DataFrame:
    distance = answers.pair_links(network, cell, places).distance_m
    ratio = distance / network.sites.spacing_m[cell]
    over = ratio > factor
    over[over] = answers.nearer_sites(network, places.take(over), distance[over])
    pairs = pd.DataFrame({"cgi": network.cells.cgi[cell], "over": over, "ratio": np.where(over, ratio, 0.0)})
    found = pairs.groupby("cgi").agg(hexes=("over", "size"), overshoot_hexes=("over", "sum"), ratio=("ratio", "max"))
    found["share"] = found["overshoot_hexes"] / found["hexes"]
    return found.loc[found["overshoot_hexes"] > 0].sort_values("overshoot_hexes", ascending=False).reset_index()


def _channel_best(table: NDArray[np.float32], channel: NDArray[np.int64]) -> NDArray[np.float32]:
    starts = np.r_[0, np.flatnonzero(channel[1:] != channel[:-1]) + 1]
    best = np.maximum.reduceat(table, starts, axis=0)
    return best[np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(channel)]))]


def _predicted(network: Network, candidates: Candidates, places: Places) -> pd.DataFrame:
    cells: list[NDArray[np.int64]] = []
    spots: list[NDArray[np.int64]] = []

    def work(block: Block) -> None:
        rows, table = block_levels(network, candidates, places, block)
        kept = min(STRONGEST, len(rows))
        if kept:
            top = np.argpartition(-table, kept - 1, axis=0)[:kept] if kept < len(rows) else np.argsort(-table, axis=0)
            cells.append(rows[top].ravel())
            spots.append(np.tile(block.rows, kept))

    for_each_block(places, work)
    if not cells:
        return empty(SERVING)
    return _probabilities(network, np.concatenate(cells), np.concatenate(spots), places)


def _probabilities(network: Network, cell: NDArray[np.int64], spot: NDArray[np.int64], places: Places) -> pd.DataFrame:
    link = answers.pair_links(network, cell, places.take(spot))
    los, nlos = answers.shadow_sigmas_db(network, cell, link.distance_m)
    share = link.los_probability
    sigma = np.sqrt(share * los**2 + (1 - share) * nlos**2)
    # Softmax needs one scale per hex: the spread of its strongest cell.
    order = np.lexsort((-link.level_dbm, spot))
    first = np.r_[True, spot[order][1:] != spot[order][:-1]]
    scale = np.empty(len(places.hexes))
    scale[spot[order][first]] = np.maximum(sigma[order][first], 1.0) * np.sqrt(OWN_SHADOW_SHARE) * GUMBEL
    top = np.empty(len(places.hexes))
    top[spot[order][first]] = link.level_dbm[order][first]
    weight = np.exp((link.level_dbm - top[spot]) / scale[spot])
    probability = weight / np.bincount(spot, weight, len(places.hexes))[spot]
    likely = probability >= LEAST_PROBABILITY
    total = np.bincount(spot[likely], probability[likely], len(places.hexes))
    return pd.DataFrame(
        {
            "hex": places.hexes[spot[likely]],
            "cgi": pd.Series(network.cells.cgi[cell[likely]], dtype="str"),
            "probability": np.minimum(probability[likely] / total[spot[likely]], 1.0),
            "rsrp_dbm": link.level_dbm[likely],
            "distance_m": link.distance_m[likely],
            "basis": pd.Series(np.where(network.cells.assumed[cell[likely]], "assumed", "predicted"), dtype="str"),
        }
    )


def _indoor(network: Network, places: Places) -> list[pd.DataFrame]:
    rows = np.flatnonzero(network.cells.indoor)
    hexes = answers.indoor_hexes(network, places)
    here = np.isin(hexes, places.hexes) if len(hexes) else np.zeros(0, bool)
    if not here.any():
        return []
    rows, hexes = rows[here], hexes[here]
    _, member, count = np.unique(hexes, return_inverse=True, return_counts=True)
    frame = pd.DataFrame(
        {
            "hex": hexes,
            "cgi": pd.Series(network.cells.cgi[rows], dtype="str"),
            "probability": INDOOR_SHARE / count[member],
            "rsrp_dbm": answers.INDOOR_SYSTEM_DBM,
            "distance_m": answers.pair_links(network, rows, Places.of(hexes)).distance_m,
            "basis": "assumed",
        }
    )
    return [conform(frame, SERVING)]


def _with_indoor_share(frame: pd.DataFrame, network: Network) -> pd.DataFrame:
    indoor = frame["cgi"].isin(network.cells.cgi[network.cells.indoor])
    if not indoor.any():
        return frame
    taken = frame["hex"].map(frame.loc[indoor].groupby("hex")["probability"].sum()).fillna(0.0)
    frame = frame.assign(probability=frame["probability"].where(indoor, frame["probability"] * (1 - taken)))
    return frame.assign(probability=frame["probability"] / frame.groupby("hex")["probability"].transform("sum"))


# 35 km at the finest resolutions of coverage; a footprint beyond is refused rather than filling the memory.
_MOST_STEPS = 1_000


def _around(network: Network, row: int, resolution: int) -> Places:
    reach = float(network.reach_m[row])
    lat, lon = float(network.cells.lat[row]), float(network.cells.lon[row])
    centre = grid.to_hex(lat, lon, resolution)
    steps = int(np.ceil(reach / (grid.MEAN_EDGE_M[resolution] * 1.5))) + 1
    return Places.of(grid.disk(centre, steps, _MOST_STEPS))
