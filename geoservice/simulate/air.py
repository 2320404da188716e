"""The simulated radio world: what a phone really receives.

Deliberately not the engine's model (decision 0055): a dual-slope law with its own exponents, a
cosine-power antenna, and shadowing correlated over distance (Gudmundson 1991: exp(-d/d_corr))
and between sites, so that findings made with the engine's model do not confirm themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.town import Town

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SHADOW_SIGMA_DB = 6.5
SHADOW_DISTANCE_M = 80.0
SITE_CORRELATION = 0.5
_PIXEL_M = 20.0
_PIXELS = 1024
# Per zone of the receiver: break distance (m), exponents before and after it, loss at 1 m and 1.8 GHz (dB).
_BREAK_M = np.array([110.0, 140.0, 260.0, 420.0], np.float32)
_NEAR = np.array([2.75, 2.6, 2.4, 2.25], np.float32)
_FAR = np.array([4.05, 3.85, 3.6, 3.4], np.float32)
_AT_1M_DB = 38.5
INDOOR_LOSS_DB = 17.0


@dataclass(frozen=True)
class Patch:
    """A piece of ground with a radio peculiarity: a ridge, a plaza, a line of sight to one mast.

    ``gain_db`` per radio cell is added inside ``radius_m`` and fades to nothing at 1.3 times that.
    ``calm`` scales the shadowing that differs between sites (0 = none, open ground to every mast).
    """

    x: float
    y: float
    radius_m: float
    gain_db: Singles
    calm: float = 1.0

    def share(self, xy: Floats) -> Singles:
        """1 inside, 0 outside, linear in the fringe."""
        distance = np.hypot(xy[:, 0] - self.x, xy[:, 1] - self.y)
        return np.clip((1.3 - distance / self.radius_m) / 0.3, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class Air:
    """The radio world of a town: cells, shadow fields and patches."""

    town: Town
    cells: pd.DataFrame
    common: Singles
    own: Singles
    shift: NDArray[np.int64]
    patches: tuple[Patch, ...] = ()

    def with_patch(self, patch: Patch) -> Air:
        """The same world with one more patch."""
        return replace(self, patches=(*self.patches, patch))

    def with_cells(self, cells: pd.DataFrame) -> Air:
        """The same ground under another network (same cells in the same order)."""
        return replace(self, cells=cells)

    def levels(self, xy: Floats) -> Singles:
        """RSRP outdoors in dBm of every radio cell at every point, shape (points, cells)."""
        parts = [self._levels(xy[start : start + 4000]) for start in range(0, len(xy), 4000)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.cells)), np.float32)

    def _levels(self, xy: Floats) -> Singles:
        cells = self.cells
        site = cells["site"].to_numpy()
        places = cells.drop_duplicates("site").set_index("site").sort_index()
        order = np.searchsorted(places.index.to_numpy(), site)
        dx = (xy[:, :1] - places["x"].to_numpy()).astype(np.float32)
        dy = (xy[:, 1:] - places["y"].to_numpy()).astype(np.float32)
        distance = np.hypot(dx, dy)
        loss = path_loss_db(distance, self.town.zone(xy))
        shadow = self._shadow(xy, places.index.to_numpy())
        level = (shadow - loss)[:, order]
        level += np.float32(1) * _budget_db(cells)
        level += horizontal_db(np.degrees(np.arctan2(dx, dy))[:, order] - _column(cells, "azimuth_deg"), cells)
        level += vertical_db(distance[:, order], cells)
        for patch in self.patches:
            level += patch.share(xy)[:, None] * patch.gain_db
        return level

    def _shadow(self, xy: Floats, sites: NDArray[np.int64]) -> Singles:
        i, j = (np.floor(xy / _PIXEL_M).astype(np.int64) % _PIXELS).T
        di, dj = self.shift[sites % len(self.shift)].T
        own = self.own[(i[:, None] + di) % _PIXELS, (j[:, None] + dj) % _PIXELS]
        calm = np.ones(len(xy), np.float32)
        for patch in self.patches:
            calm *= 1 - (1 - np.float32(patch.calm)) * patch.share(xy)
        mixed = np.sqrt(SITE_CORRELATION) * self.common[i, j][:, None] + np.sqrt(1 - SITE_CORRELATION) * own
        return np.asarray(SHADOW_SIGMA_DB * calm[:, None] * mixed, np.float32)


def open_air(town: Town, cells: pd.DataFrame) -> Air:
    """The radio world of a town before anything is planted in it."""
    rng = stream(town.seed, "air")
    shift = rng.integers(0, _PIXELS, (4096, 2))
    return Air(town, cells, shadow_field(rng), shadow_field(rng), shift)


def shadow_field(rng: np.random.Generator, pixels: int = _PIXELS, pixel_m: float = _PIXEL_M) -> Singles:
    """Unit Gaussian field on a torus with correlation exp(-d / 80 m), shape (pixels, pixels).

    Source: M. Gudmundson, Correlation model for shadow fading in mobile radio systems,
    Electronics Letters 27 (1991); drawn exactly by circulant embedding.
    """
    ticks = np.minimum(np.arange(pixels), pixels - np.arange(pixels)) * pixel_m
    covariance = np.exp(-np.hypot(ticks[:, None], ticks[None, :]) / SHADOW_DISTANCE_M)
    spectrum = np.sqrt(np.maximum(np.fft.rfft2(covariance).real, 0))
    noise = np.fft.rfft2(rng.standard_normal((pixels, pixels)))
    return np.fft.irfft2(spectrum * noise, s=(pixels, pixels)).astype(np.float32)


def path_loss_db(distance_m: Singles, zone: NDArray[np.int64]) -> Singles:
    """Dual-slope loss at 1.8 GHz, continuous at the break; ``distance_m`` is (points, sites)."""
    near, far = _NEAR[zone][:, None], _FAR[zone][:, None]
    reach = np.log10(np.maximum(distance_m, 12) / _BREAK_M[zone][:, None])
    slope = np.where(reach > 0, far, near)
    return np.asarray(_AT_1M_DB + 10 * near * np.log10(_BREAK_M[zone])[:, None] + 10 * slope * reach, np.float32)


def horizontal_db(offset_deg: Singles, cells: pd.DataFrame) -> Singles:
    """Cosine-power lobe: −3 dB at half the beam width, floor −26 dB."""
    half = np.abs((offset_deg + 180) % 360 - 180) / 2
    power = -3 / (10 * np.log10(np.cos(np.radians(_column(cells, "hbw_deg") / 4))))
    return np.asarray(np.maximum(10 * power * np.log10(np.maximum(np.cos(np.radians(half)), 1e-4)), -26), np.float32)


def vertical_db(distance_m: Singles, cells: pd.DataFrame) -> Singles:
    """Main lobe falling with the 2.2nd power of the offset, side lobes filled to −17 dB."""
    down = np.degrees(np.arctan2(_column(cells, "height_m") - 1.5, np.maximum(distance_m, 5)))
    tilt = _column(cells, "elec_tilt_deg") + _column(cells, "mech_tilt_deg")
    offset = np.abs(down - tilt) / (_column(cells, "vbw_deg") / 2)
    return np.asarray(np.maximum(-3 * offset ** np.float32(2.2), -17), np.float32)


def _budget_db(cells: pd.DataFrame) -> Singles:
    """Everything of the link that does not depend on the point."""
    frequency = 22 * np.log10(cells["frequency_mhz"] / 1800)
    height = 9 * np.log10(cells["height_m"] / 30)
    return (cells["rs_power_dbm"] + cells["gain_dbi"] - 0.5 - frequency + height).to_numpy(np.float32)


def _column(cells: pd.DataFrame, name: str) -> Singles:
    return cells[name].to_numpy(np.float32)
