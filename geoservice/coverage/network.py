"""The radiating network: cells with parameters, environment, coefficients, reach and sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage import environment as env
from geoservice.coverage.columns import Columns
from geoservice.coverage.corrections import Calibration, band_mhz
from geoservice.coverage.links import COEFFICIENTS, COLUMN, distance_terms, scenario_terms
from geoservice.coverage.parameters import (
    CROWD_EDGE_DBM,
    CROWD_SLOPE_DB,
    Antennas,
    antennas,
    serving_generation,
    usable,
)
from geoservice.geodesy import EARTH_RADIUS_M, unit_vectors
from geoservice.radio.antenna import HALF_POWER_DB
from geoservice.radio.pathloss import MOBILE_M

Floats = NDArray[np.float64]

# Below this level a cell neither serves nor disturbs: 15 dB under the noise of a resource element.
REACH_DBM = -140.0
FARTHEST_M = 35_000.0
COSITE_M = 30.0
_REACH_GRID_M = np.geomspace(50.0, FARTHEST_M, 90)
_LOSS = ("near_0", "far_0", "hidden_0")
_SLOPE = ("near_1", "far_1", "hidden_1")
Carrier = tuple[str, float]
_NAMES = np.array(["uma", "umi", "rma", "distance"], dtype=object)


@dataclass(frozen=True)
class Sites:
    """Distinct masts: unit vectors, search tree, and which site each cell stands on."""

    vectors: Floats
    of_cell: NDArray[np.int64]
    spacing_m: Floats  # per cell: distance to the nearest site not co-located with it
    tree: Any = None  # search tree over vectors; None with fewer than two sites


@dataclass(frozen=True)
class Network:
    """Everything the engine knows of the cells; rows of all arrays are cells.

    ``rows`` (cells, coefficients) hold the link law with x and y still zero; ``reach_m`` bounds the
    distance at which a cell can matter; ``channel`` numbers carriers (rat × frequency).
    """

    cells: Antennas
    environment: NDArray[np.object_]
    model: NDArray[np.object_]
    rows: Floats
    reach_m: Floats
    channel: NDArray[np.int64]
    channel_mhz: Floats
    sigma_override_db: Floats
    sites: Sites
    vectors: Floats
    index: dict[str, int] = field(repr=False)

    @cached_property
    def carriers(self) -> dict[Carrier, int]:
        """Channel number of each carrier."""
        number, first = np.unique(self.channel, return_index=True)
        pairs = zip(self.cells.rat[first], self.channel_mhz[first], number, strict=True)
        return {carrier(rat, mhz): int(n) for rat, mhz, n in pairs}

    @cached_property
    def tree(self) -> Any:
        """Search tree over the cells' unit vectors; new sites are tried hundreds of times."""
        from scipy.spatial import cKDTree

        return cKDTree(self.vectors)


Environments = Callable[[Antennas, pd.DataFrame], NDArray[np.object_]]


def build(
    cells: pd.DataFrame,
    load: float,
    calibration: Calibration | None = None,
    environment: pd.Series | None = None,
    loads: pd.Series | None = None,
) -> Network:
    """The network of the radiating cells of table ``cells`` (2G and 3G only where there is nothing newer)."""
    frame = cells.loc[usable(cells)]
    frame = frame.loc[serving_generation(frame)].drop_duplicates("cgi")
    filled = antennas(frame, load, loads)
    sites = find_sites(filled.lat, filled.lon, filled.indoor)
    surroundings = _environments(filled, frame, environment)
    return _assemble(filled, surroundings, sites, calibration)


def rebuild(network: Network, cells: Columns, environments: NDArray[np.object_], load: float,
            calibration: Calibration | None) -> Network:  # fmt: skip
    """A small network of changed or new ``cells`` with environments given (same sites as ``network``)."""
    filled = antennas(cells, load)
    spacing = np.full(len(cells), np.inf)
    sites = replace(network.sites, of_cell=np.full(len(cells), -1), spacing_m=spacing)
    return _assemble(filled, environments, sites, calibration)


def find_sites(lat: Floats, lon: Floats, indoor: NDArray[np.bool_]) -> Sites:
    """Masts: cells within 30 m of one another stand on one; indoor systems are no masts."""
    from scipy.spatial import cKDTree

    vectors = unit_vectors(lat, lon)
    of_cell = _colocated(vectors)
    first = np.unique(of_cell[~indoor], return_index=True)[1] if len(lat) else np.empty(0, np.int64)
    masts = vectors[~indoor][first]
    if len(masts) < 2:
        return Sites(masts, of_cell, np.full(len(lat), np.inf))
    nearest = min(6, len(masts))
    tree = cKDTree(masts)
    found, _ = tree.query(vectors, k=nearest)
    apart = np.where(found * EARTH_RADIUS_M > COSITE_M, found * EARTH_RADIUS_M, np.inf)
    return Sites(masts, of_cell, np.asarray(apart.min(axis=1)), tree)


def typical_environment(network: Network, lat: Floats, lon: Floats) -> NDArray[np.object_]:
    """Environment of the nearest mast's cells, for cells that are not built yet."""
    if not len(network.vectors):
        return np.full(len(lat), env.URBAN, dtype=object)
    _, near = network.tree.query(unit_vectors(lat, lon))
    return np.asarray(network.environment[near], dtype=object)


def _colocated(vectors: Floats) -> NDArray[np.int64]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n = len(vectors)
    if n == 0:
        return np.empty(0, np.int64)
    spots, member = np.unique(vectors.round(9), axis=0, return_inverse=True)
    pairs = cKDTree(spots).query_pairs(COSITE_M / EARTH_RADIUS_M, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(spots), len(spots)))
    return np.asarray(connected_components(graph, directed=False)[1][member.ravel()], np.int64)


def _environments(cells: Antennas, frame: pd.DataFrame, given: pd.Series | None) -> NDArray[np.object_]:
    scenes = frame["scene"].to_numpy(dtype=object) if "scene" in frame.columns else None
    result = env.given(cells.cgi, given)
    if scenes is not None:
        result = np.where(result == None, env.from_scene(scenes), result)  # noqa: E711 - elementwise
    missing = np.array([name is None for name in result], bool)
    masts = ~cells.indoor
    if missing.any():
        spots = np.unique(np.stack([cells.lat[masts], cells.lon[masts]], axis=1).round(4), axis=0)
        result[missing] = env.from_spacing(cells.lat[missing], cells.lon[missing], spots[:, 0], spots[:, 1])
    result[cells.indoor] = env.INDOOR
    return result


def _assemble(
    cells: Antennas, environment: NDArray[np.object_], sites: Sites, calibration: Calibration | None
) -> Network:
    model = _models(cells, environment)
    offset, slope, reference, sigma = _corrections(cells, environment, calibration)
    rows = coefficient_rows(cells, model, _environment_offset(environment) - offset, slope, reference)
    channel, mhz = _channels(cells)
    return Network(
        cells=cells,
        environment=environment,
        model=model,
        rows=rows,
        reach_m=np.where(cells.indoor, 0.0, reach_m(rows)),
        channel=channel,
        channel_mhz=mhz,
        sigma_override_db=sigma,
        sites=sites,
        vectors=unit_vectors(cells.lat, cells.lon),
        index={str(cgi): row for row, cgi in enumerate(cells.cgi)},
    )


def coefficient_rows(
    cells: Antennas, model: NDArray[np.object_], offset_db: Floats, slope_db: Floats, reference_m: Floats
) -> Floats:
    """Coefficients (:mod:`.links`) of each cell: path loss, power, antenna, correction in one row."""
    rows = np.zeros((len(model), len(COEFFICIENTS)))
    for name in _NAMES:
        mask = model == name
        if mask.any():
            _fill_law(rows, mask, str(name), cells)
    # The distance model already says levels: power, environment and correction are for engineered cells.
    engineered = model != "distance"
    lift = np.where(engineered, cells.eirp_dbm - offset_db - slope_db * np.log10(reference_m), 0.0)
    rows[:, [COLUMN[name] for name in _LOSS]] -= lift[:, None]
    rows[:, [COLUMN[name] for name in _SLOPE]] -= np.where(engineered, slope_db, 0.0)[:, None]
    _fill_antenna(rows, cells)
    return rows


def corrected_rows(network: Network, calibration: Calibration) -> Floats:
    """Coefficient rows of an uncalibrated network under a calibration (sites and reach stay)."""
    offset, slope, reference, _ = _corrections(network.cells, network.environment, calibration)
    engineered = network.model != "distance"
    rows = network.rows.copy()
    lift = np.where(engineered, offset - slope * np.log10(reference), 0.0)
    rows[:, [COLUMN[name] for name in _LOSS]] -= lift[:, None]
    rows[:, [COLUMN[name] for name in _SLOPE]] -= np.where(engineered, slope, 0.0)[:, None]
    return rows


def reach_m(rows: Floats) -> Floats:
    """Distance beyond which even the main beam stays under :data:`REACH_DBM`, per cell."""
    if not len(rows):
        return np.empty(0)
    log_d = np.log10(_REACH_GRID_M)[None, :]
    law = {name: rows[:, [COLUMN[name]]] for name in (*_LOSS, *_SLOPE, "near_linear", "turn", "sight_full")}
    near = law["near_0"] + law["near_1"] * log_d + law["near_linear"] * _REACH_GRID_M
    seen = np.where(law["turn"] >= _REACH_GRID_M, near, law["far_0"] + law["far_1"] * log_d)
    hidden = np.maximum(seen, law["hidden_0"] + law["hidden_1"] * log_d)
    start, rate = rows[:, [COLUMN["sight_start"]]], rows[:, [COLUMN["sight_rate"]]]
    sure = np.minimum(law["sight_full"] / _REACH_GRID_M, 1)
    share = sure + np.exp(-np.maximum(_REACH_GRID_M - start, 0) * rate) * (1 - sure)
    audible = -(share * seen + (1 - share) * hidden) >= REACH_DBM
    last = audible.shape[1] - 1 - np.argmax(audible[:, ::-1], axis=1)
    return np.where(audible.any(axis=1), _REACH_GRID_M[np.minimum(last + 1, len(_REACH_GRID_M) - 1)], _REACH_GRID_M[0])


def _fill_law(rows: Floats, mask: NDArray[np.bool_], model: str, cells: Antennas) -> None:
    if model == "distance":
        terms = distance_terms(CROWD_EDGE_DBM, cells.range_m[mask], CROWD_SLOPE_DB)
    else:
        terms = scenario_terms(model, cells.frequency_mhz[mask], cells.height_m[mask])
    for name, values in terms.items():
        rows[mask, COLUMN[name]] = values


def _fill_antenna(rows: Floats, cells: Antennas) -> None:
    azimuth = np.radians(cells.azimuth_deg)
    flat = cells.crowd | cells.indoor
    values = {
        "rise": np.where(cells.crowd, 30.0, cells.height_m - MOBILE_M),
        "sin_azimuth": np.sin(azimuth),
        "cos_azimuth": np.cos(azimuth),
        "h_factor": np.where(cells.omni, 0.0, HALF_POWER_DB / np.radians(cells.h_width_deg) ** 2),
        "v_factor": np.where(flat, 0.0, HALF_POWER_DB / np.radians(cells.v_width_deg) ** 2),
        "tilt": np.radians(cells.electrical_deg + np.where(cells.omni, cells.mechanical_deg, 0.0)),
        "tan_mechanical": np.where(cells.omni, 0.0, np.tan(np.radians(cells.mechanical_deg))),
        "load": cells.load,
    }
    for name, column in values.items():
        rows[:, COLUMN[name]] = column


def _models(cells: Antennas, environment: NDArray[np.object_]) -> NDArray[np.object_]:
    by_environment = {name: found.model for name, found in env.ENVIRONMENTS.items()}
    model = np.array([by_environment[str(name)] for name in environment], dtype=object)
    model[cells.small] = env.SMALL_CELL_MODEL
    model[cells.crowd] = "distance"
    return model


def _environment_offset(environment: NDArray[np.object_]) -> Floats:
    return np.array([env.ENVIRONMENTS[str(name)].offset_db for name in environment], float)


def _corrections(
    cells: Antennas, environment: NDArray[np.object_], calibration: Calibration | None
) -> tuple[Floats, ...]:
    n = len(environment)
    if calibration is None:
        return np.zeros(n), np.zeros(n), np.ones(n), np.full(n, np.nan)
    bands = band_mhz(cells.frequency_mhz)
    found = [calibration.correction(str(name), int(band)) for name, band in zip(environment, bands, strict=True)]
    offset = np.array([c.offset_db if c else 0.0 for c in found])
    slope = np.array([c.slope_db if c else 0.0 for c in found])
    reference = np.array([c.reference_m if c else 1.0 for c in found])
    return offset, slope, reference, np.array([c.sigma_db if c else np.nan for c in found])


def carrier(rat: str, frequency_mhz: float) -> Carrier:
    """What makes two cells co-channel: technology and frequency to 0.1 MHz."""
    return str(rat), round(float(frequency_mhz), 1)


def _channels(cells: Antennas) -> tuple[NDArray[np.int64], Floats]:
    numbers: dict[Carrier, int] = {}
    pairs = zip(cells.rat.tolist(), cells.frequency_mhz.tolist(), strict=True)
    codes = [numbers.setdefault(carrier(rat, mhz), len(numbers)) for rat, mhz in pairs]
    return np.array(codes, np.int64), cells.frequency_mhz
