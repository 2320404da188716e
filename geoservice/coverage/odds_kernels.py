"""Compiled draws of who serves a place when each mast's own shadowing is drawn (imported only to compute)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "fastmath": True, "error_model": "numpy"}
F, U = np.float32, np.uint64
_SILENT = F(-190)
# Sum of four uniform 16-bit numbers: mean 2·65535, variance 4/12·65536².
_MIDDLE, _SCALE = F(131070.0), F(1 / (65536.0 * np.sqrt(4.0 / 12.0)))


@njit(**_OPTIONS)
def _normal(key):  # type: ignore[no-untyped-def]
    """A nearly Gaussian number (four uniforms added, Irwin and Hall) that belongs to ``key``."""
    z = key * U(0x9E3779B97F4A7C15)
    z = (z ^ (z >> U(30))) * U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U(27))) * U(0x94D049BB133111EB)
    z = z ^ (z >> U(31))
    mask = U(0xFFFF)
    total = (z & mask) + ((z >> U(16)) & mask) + ((z >> U(32)) & mask) + (z >> U(48))
    return (F(total) - _MIDDLE) * _SCALE


@njit(**_OPTIONS)
def _contenders(levels, p, stands, shift, reach, mean, near):  # type: ignore[no-untyped-def]
    """Means of all cells at a place, and how many (listed in ``near``) may win or come close."""
    best = F(-1e9)
    for c in range(mean.size):
        mean[c] = levels[c, p] + stands[c] * shift if levels[c, p] > _SILENT else F(-1e9)
        best = max(best, mean[c])
    count = 0
    for c in range(mean.size):
        near[count] = c
        count += mean[c] >= max(best - reach, _SILENT)
    return count


@njit(**_OPTIONS)
def _outcome(mean, now, sign, near, channel, window):  # type: ignore[no-untyped-def]
    """Best level of one draw, and cells within the window of it on its carrier."""
    top, carrier, within = F(-1e9), -1, 0
    for n in range(near.size):
        level = mean[near[n]] + sign * now[n]
        carrier = channel[near[n]] if level > top else carrier
        top = max(top, level)
    for n in range(near.size):
        within += channel[near[n]] == carrier and mean[near[n]] + sign * now[n] >= top - window
    return top, within


@njit(**_OPTIONS)
def draw(levels, stands, shift, mast, own, channel, hexes, window, reach, tops, counts):  # type: ignore[no-untyped-def]
    """Level of the best server and cells within the window of it on its carrier, draw by draw.

    Parameters
    ----------
    levels : (cells, places) float32 mean levels, dBm.
    stands, shift : (cells,) 1 where the place's shift, (places,) dB, moves a cell, else 0.
    mast, own : (cells,) number of the mast, and spread of its own shadowing in dB.
    channel : (cells,) carrier.
    hexes : (places,) H3 indices; a mast's shadowing at a hex is the same whoever asks.
    window : overlap window, dB.
    reach : cells this far under the best mean level cannot matter, dB.
    tops, counts : (places, draws) out, ``tops`` filled with what holds where nothing is heard; draws come in
        opposite pairs.
    """
    near, mean, now = np.empty(len(levels) + 1, np.int64), np.empty(len(levels), F), np.empty(len(levels), F)
    for p in range(levels.shape[1]):
        count = _contenders(levels, p, stands, shift[p], reach, mean, near)
        for k in range(tops.shape[1] // 2 if count else 0):
            for n in range(count):
                key = U(hexes[p]) + (U(mast[near[n]]) * U(0xD1342543DE82EF95)) ^ (U(k + 1) * U(0xA0761D6478BD642F))
                now[n] = own[near[n]] * _normal(key)
            for side in range(2):
                top, within = _outcome(mean, now, F(1 - 2 * side), near[:count], channel, window)
                tops[p, 2 * k + side], counts[p, 2 * k + side] = top, within
