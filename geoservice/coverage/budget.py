"""From servers to answers: level, spread, probability, quality and overshoot of every place.

The compiled kernel finds who serves; here the link of the best server is evaluated once more in
float64 with the very formulas of :mod:`geoservice.radio`, so the reported level is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config
from geoservice.coverage.blocks import Places, Servers
from geoservice.coverage.links import Link, evaluate
from geoservice.coverage.network import REACH_DBM, Network
from geoservice.coverage.plane import offsets_m
from geoservice.geodesy import EARTH_RADIUS_M, unit_vectors
from geoservice.radio import pathloss, tr38901
from geoservice.radio.power import milliwatt, noise_dbm
from geoservice.radio.shadowing import mixture_exceedance, total_sigma_db

Floats = NDArray[np.float64]

# An indoor system lights its own building to about this level at the antenna-served floors [J].
INDOOR_SYSTEM_DBM = -85.0
NR_SPACING_KHZ, LTE_SPACING_KHZ = 30.0, 15.0
P10_Z = 1.2815515655446004
# A hex is not a point: the sigma of a place in reach of nothing.
NOTHING_SIGMA_DB = 10.0
POLLUTION_STRONGEST = 3


@dataclass(frozen=True)
class Budget:
    """Outputs per place (all arrays (places,)); ``best`` and ``second`` are rows of the network, −1 for none."""

    places: Places
    best: NDArray[np.int64]
    second: NDArray[np.int64]
    rsrp_dbm: Floats
    rsrp_indoor_dbm: Floats
    dominance_db: Floats
    sinr_db: Floats
    overlap_count: NDArray[np.int64]
    pollution_count: NDArray[np.int64]
    overshoot: NDArray[np.bool_]
    server_distance_m: Floats
    overshoot_ratio: Floats
    probability: Floats
    sigma_db: Floats
    assumed: NDArray[np.bool_]
    outside_range: pd.Series

    def frame(self, network: Network) -> pd.DataFrame:
        """Columns of table ``coverage`` (a prediction: nothing measured yet)."""
        mhz = np.r_[network.channel_mhz, np.nan]
        return pd.DataFrame(
            {
                "hex": self.places.hexes,
                "lat": self.places.lat,
                "lon": self.places.lon,
                "best_cgi": names(network, self.best),
                "second_cgi": names(network, self.second),
                "rsrp_dbm": self.rsrp_dbm,
                "rsrp_predicted_dbm": self.rsrp_dbm,
                "rsrp_p10_dbm": self.rsrp_dbm - P10_Z * self.sigma_db,
                "rsrp_indoor_dbm": self.rsrp_indoor_dbm,
                "dominance_db": self.dominance_db,
                "sinr_db": self.sinr_db,
                "overlap_count": self.overlap_count,
                "pollution_count": self.pollution_count,
                "overshoot": self.overshoot,
                "server_distance_m": self.server_distance_m,
                "overshoot_ratio": self.overshoot_ratio,
                "probability": self.probability,
                "sigma_db": self.sigma_db,
                "basis": np.where(self.assumed, "assumed", "predicted"),
                "frequency_mhz": mhz[self.best],
                "parameters": _of_best(network.cells.step, self.best),
                "missing": _of_best(network.cells.missing, self.best),
                "model": _of_best(network.model, self.best),
                "outside_range": self.outside_range,
            }
        )


def names(network: Network, rows: NDArray[np.int64]) -> pd.Series:
    """Cgi of rows, missing for −1."""
    return _of_best(network.cells.cgi, rows)


def _of_best(values: NDArray[np.object_], rows: NDArray[np.int64]) -> pd.Series:
    """A text of each cell carried to the places; missing where nothing serves (−1)."""
    told = np.full(len(rows), None, dtype=object)
    served = rows >= 0
    told[served] = values[rows[served]]
    return pd.Series(told, dtype="str")


@dataclass(frozen=True)
class Quality:
    """What a what-if compares, per place: the part of a :class:`Budget` that a change of antennas moves."""

    hexes: NDArray[np.int64]
    best: NDArray[np.int64]
    rsrp_dbm: Floats
    dominance_db: Floats
    sinr_db: Floats
    overlap_count: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Quality:
        """The same for some of the places."""
        return Quality(*(getattr(self, field.name)[rows] for field in fields(self)))


def quality(network: Network, places: Places, found: Servers) -> Quality:
    """Level, lead, interference and overlap of ``places`` from the servers ``found`` there."""
    served = found.best >= 0
    safe = np.maximum(found.best, 0)
    link = pair_links(network, safe, places) if len(network.rows) else _no_links(len(served))
    return Quality(
        hexes=places.hexes,
        best=found.best,
        rsrp_dbm=np.where(served, np.maximum(link.level_dbm, REACH_DBM), REACH_DBM),
        dominance_db=np.where(found.second >= 0, found.best_dbm - found.second_dbm.astype(float), np.nan),
        sinr_db=_sinr(network, found, safe, served),
        overlap_count=np.where(served, found.within, 0).astype(np.int64),
    )


def budget(network: Network, places: Places, found: Servers, config: Config) -> Budget:
    """All outputs of ``places`` from the servers ``found`` there."""
    served = found.best >= 0
    safe = np.maximum(found.best, 0)
    link = pair_links(network, safe, places) if len(network.rows) else _no_links(len(served))
    same = quality(network, places, found)
    sigma, probability = _certainty(network, safe, link, served, config["rsrp_weak"])
    overshoot, ratio = _overshoot(network, places, safe, link.distance_m, served, config["overshoot_factor"])
    return Budget(
        places=places,
        best=found.best,
        second=found.second,
        rsrp_dbm=same.rsrp_dbm,
        rsrp_indoor_dbm=indoor_dbm(network, places, same.rsrp_dbm, safe, served),
        dominance_db=same.dominance_db,
        sinr_db=same.sinr_db,
        overlap_count=same.overlap_count,
        pollution_count=np.maximum(found.strong - POLLUTION_STRONGEST, 0).astype(np.int64),
        overshoot=overshoot,
        server_distance_m=np.where(served, link.distance_m, np.nan),
        overshoot_ratio=ratio,
        probability=probability,
        sigma_db=sigma,
        assumed=np.r_[network.cells.assumed, True][found.best],
        outside_range=outside_range(network, found.best, link.distance_m),
    )


def pair_links(network: Network, rows: NDArray[np.int64], places: Places) -> Link:
    """Exact links of pairs (cell of ``rows``, place)."""
    dx, dy = offsets_m(places.lat, places.lon, network.cells.lat[rows], network.cells.lon[rows])
    return evaluate(network.rows[rows], dx, dy)


def outside_range(network: Network, rows: NDArray[np.int64], distance_m: Floats) -> pd.Series:
    """What lies outside the range the cell's path-loss model was made for; missing where nothing does.

    The formula is computed all the same; UMa, for one, was made for masts of exactly 25 m.
    """
    told = np.full(len(rows), None, dtype=object)
    for name in pathloss.MODELS:
        mine = np.flatnonzero((rows >= 0) & (np.r_[network.model, None][rows] == name))
        if len(mine):
            cell = rows[mine]
            told[mine] = pathloss.outside_range(
                name, network.cells.frequency_mhz[cell], distance_m[mine], network.cells.height_m[cell]
            )
    return pd.Series(told, dtype="str")


def shadow_sigmas_db(network: Network, rows: NDArray[np.int64], distance_m: Floats) -> tuple[Floats, Floats]:
    """Spread of pairs in sight and not, assumptions included; a calibrated spread replaces both."""
    model = network.model[rows]
    turn = tr38901.rma_breakpoint_m(network.cells.frequency_mhz[rows] / 1000, network.cells.height_m[rows], 1.5)
    far_rural = (model == "rma") & (distance_m > turn)
    los = np.where(far_rural, tr38901.RMA_LOS_SIGMA_BEYOND_DB, tr38901.LOS_SIGMA_DB["uma"])
    nlos = np.array([tr38901.NLOS_SIGMA_DB.get(str(name), 0.0) for name in ("uma", "umi", "rma")])
    hidden = np.select([model == "uma", model == "umi", model == "rma"], list(nlos), default=0.0)
    los = np.where(model == "distance", 0.0, los)
    override = network.sigma_override_db[rows]
    extra = network.cells.extra_sigma_db[rows]
    known = np.isfinite(override)
    los, hidden = np.where(known, override, los), np.where(known, override, hidden)
    return total_sigma_db(los, extra), total_sigma_db(hidden, extra)


def indoor_dbm(
    network: Network, places: Places, outdoor_dbm: Floats, rows: NDArray[np.int64], served: NDArray[np.bool_]
) -> Floats:
    """Level indoors: outdoor level less wall and depth (low-loss building), or the indoor system of the hex."""
    if not len(network.rows):
        return outdoor_dbm - tr38901.o2i_db(2.0)
    frequency = np.where(served, network.cells.frequency_mhz[rows], 2000.0)
    through_walls = outdoor_dbm - tr38901.o2i_db(frequency / 1000)
    equipped = np.isin(places.hexes, indoor_hexes(network, places))
    return np.where(equipped, np.maximum(through_walls, INDOOR_SYSTEM_DBM), through_walls)


def indoor_hexes(network: Network, places: Places) -> NDArray[np.int64]:
    """Hex of each indoor system at the places' resolution."""
    from geoservice import grid

    inside = network.cells.indoor
    if not inside.any() or not len(places.hexes):
        return np.empty(0, np.int64)
    resolution = int(grid.resolutions(places.hexes[:1])[0])
    return grid.to_hex(network.cells.lat[inside], network.cells.lon[inside], resolution)


def _certainty(
    network: Network, rows: NDArray[np.int64], link: Link, served: NDArray[np.bool_], weak_dbm: float
) -> tuple[Floats, Floats]:
    if not len(network.rows):
        return np.full(len(rows), NOTHING_SIGMA_DB), np.zeros(len(rows))
    los, nlos = shadow_sigmas_db(network, rows, link.distance_m)
    share = link.los_probability
    # A calibrated spread was measured around the mixture's mean and holds both cases already.
    fitted = np.isfinite(network.sigma_override_db[rows])
    between = np.where(fitted, 0.0, share * (1 - share) * (link.los_dbm - link.nlos_dbm) ** 2)
    sigma = np.sqrt(share * los**2 + (1 - share) * nlos**2 + between)
    seen, hidden = (np.where(fitted, link.level_dbm, level) for level in (link.los_dbm, link.nlos_dbm))
    probability = mixture_exceedance(weak_dbm, share, seen, los, hidden, nlos)
    return np.where(served, sigma, NOTHING_SIGMA_DB), np.where(served, probability, 0.0)


def _sinr(network: Network, found: Servers, rows: NDArray[np.int64], served: NDArray[np.bool_]) -> Floats:
    if not len(network.rows):
        return np.full(len(rows), np.nan)
    spacing = np.where(network.cells.rat[rows] == "NR", NR_SPACING_KHZ, LTE_SPACING_KHZ)
    unwanted = found.others_mw + milliwatt(noise_dbm(spacing))
    return np.where(served, found.best_dbm - 10 * np.log10(unwanted), np.nan)


def _overshoot(
    network: Network,
    places: Places,
    rows: NDArray[np.int64],
    distance_m: Floats,
    served: NDArray[np.bool_],
    factor: float,
) -> tuple[NDArray[np.bool_], Floats]:
    if not len(network.rows):
        return np.zeros(len(rows), bool), np.full(len(rows), np.nan)
    ratio = distance_m / network.sites.spacing_m[rows]
    beyond = served & (ratio > factor)
    beyond[beyond] = nearer_sites(network, places.take(beyond), distance_m[beyond])
    return beyond, np.where(served & np.isfinite(network.sites.spacing_m[rows]), ratio, np.nan)


def nearer_sites(network: Network, places: Places, distance_m: Floats) -> NDArray[np.bool_]:
    """Whether at least two sites stand nearer than ``distance_m``."""
    sites = network.sites
    if sites.tree is None or len(sites.vectors) < 3 or not len(distance_m):
        return np.zeros(len(distance_m), bool)
    found, _ = sites.tree.query(unit_vectors(places.lat, places.lon), k=2)
    return np.asarray(found[:, 1] * EARTH_RADIUS_M < distance_m - 1.0)


def _no_links(count: int) -> Link:
    nothing = np.full(count, np.nan)
    return Link(nothing, nothing, nothing, nothing, nothing)
