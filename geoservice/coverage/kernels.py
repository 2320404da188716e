"""Compiled kernels: level of every candidate cell in a block of hexes, and the reductions over them.

Small functions over contiguous float32 slices, without branches, so that the compiler turns each
into vector instructions; logarithm, exponential and arc functions are short polynomials (errors
below 0.005 dB, tested against :mod:`.links`). They release the interpreter lock: threads run them
on all cores. Importing this module imports numba; callers do so only when they compute.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geoservice.coverage.links import COEFFICIENTS

F = np.float32
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "fastmath": True, "error_model": "numpy"}


def _polynomial(function: Any, low: float, high: float, degree: int) -> tuple[np.float32, ...]:
    """Coefficients (constant first) of the Chebyshev interpolation of ``function`` on an interval."""
    fit = np.polynomial.Chebyshev.interpolate(function, degree, [low, high])
    return tuple(F(c) for c in fit.convert(kind=np.polynomial.Polynomial, domain=[low, high], window=[low, high]).coef)


# log2(m) on 1…2, 2^f on 0…1, acos(a)/√(1−a) on 0…1, atan(√u)/√u on 0…1.
_L0, _L1, _L2, _L3, _L4, _L5, _L6 = _polynomial(np.log2, 1.0, 2.0, 6)
_E0, _E1, _E2, _E3, _E4, _E5 = _polynomial(np.exp2, 0.0, 1.0, 5)
_A0, _A1, _A2, _A3, _A4 = _polynomial(lambda a: np.arccos(a) / np.sqrt(1 - a + 1e-300), 0.0, 1.0, 4)
_T0, _T1, _T2, _T3, _T4, _T5 = _polynomial(lambda u: np.arctan(np.sqrt(u)) / np.sqrt(u), 1e-12, 1.0, 5)
_HALF_PI, _PI = F(np.pi / 2), F(np.pi)
_ONE, _ZERO, _HALF, _TENTH = F(1), F(0), F(0.5), F(0.1)
_LOG10_2, _LOG2_E, _DB_TO_LOG2 = F(np.log10(2)), F(np.log2(np.e)), F(np.log2(10) / 10)
_FLOOR = F(30)
NOTHING = F(-200)

(
    X, Y, RISE, SIN_AZIMUTH, COS_AZIMUTH, H_FACTOR, V_FACTOR, TILT, TAN_MECHANICAL,
    NEAR_0, NEAR_1, NEAR_LINEAR, FAR_0, FAR_1, HIDDEN_0, HIDDEN_1, TURN, SIGHT_FULL, SIGHT_START, SIGHT_RATE, LOAD,
) = range(len(COEFFICIENTS))  # fmt: skip


@njit(**_OPTIONS)
def _geometry(x, y, cell, ground2, slant2, cosine):  # type: ignore[no-untyped-def]
    cx, cy, rise2 = cell[X], cell[Y], cell[RISE] * cell[RISE]
    sine, cos = cell[SIN_AZIMUTH], cell[COS_AZIMUTH]
    for i in range(x.size):
        dx = x[i] - cx
        dy = y[i] - cy
        d2 = max(dx * dx + dy * dy, _ONE)
        ground2[i] = d2
        slant2[i] = max(d2 + rise2, _ONE)
        cosine[i] = (dx * sine + dy * cos) / np.sqrt(d2)


@njit(**_OPTIONS)
def _log10_slant(bits, mantissa, mantissa_bits, out):  # type: ignore[no-untyped-def]
    """Half the log10 of ``slant2``, whose bits come in as integers."""
    for i in range(bits.size):
        mantissa_bits[i] = (bits[i] & 0x7FFFFF) | 0x3F800000
    for i in range(bits.size):
        m = mantissa[i]
        series = _L0 + m * (_L1 + m * (_L2 + m * (_L3 + m * (_L4 + m * (_L5 + m * _L6)))))
        out[i] = (series + F((bits[i] >> 23) - 127)) * (_HALF * _LOG10_2)


@njit(**_OPTIONS)
def _exp2(values, scratch, scratch_bits):  # type: ignore[no-untyped-def]
    """2^values in place, for values above −126."""
    for i in range(values.size):
        whole = np.floor(values[i])
        values[i] -= whole
        scratch_bits[i] = (np.int32(whole) + 127) << 23
    for i in range(values.size):
        f = values[i]
        values[i] = (_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5))))) * scratch[i]


@njit(**_OPTIONS)
def _horizontal(cosine, factor, out):  # type: ignore[no-untyped-def]
    for i in range(cosine.size):
        a = min(abs(cosine[i]), _ONE)
        angle = np.sqrt(_ONE - a) * (_A0 + a * (_A1 + a * (_A2 + a * (_A3 + a * _A4))))
        angle = _PI - angle if cosine[i] < _ZERO else angle
        out[i] = min(factor * angle * angle, _FLOOR)


@njit(**_OPTIONS)
def _pattern(cosine, ground2, cell, loss):  # type: ignore[no-untyped-def]
    """Add the vertical cut to the horizontal loss already in ``loss`` and cap the sum."""
    rise, tilt, lean, factor = cell[RISE], cell[TILT], cell[TAN_MECHANICAL], cell[V_FACTOR]
    for i in range(cosine.size):
        slope = rise / np.sqrt(ground2[i])
        steep = abs(slope) > _ONE
        t = _ONE / slope if steep else slope
        u = t * t
        down = t * (_T0 + u * (_T1 + u * (_T2 + u * (_T3 + u * (_T4 + u * _T5)))))
        turned = (_HALF_PI if slope > _ZERO else -_HALF_PI) - down
        down = turned if steep else down
        s = lean * cosine[i]
        v = s * s
        panel = s * (_T0 + v * (_T1 + v * (_T2 + v * (_T3 + v * (_T4 + v * _T5)))))
        off = down - tilt - panel
        loss[i] = min(loss[i] + min(factor * off * off, _FLOOR), _FLOOR)


@njit(**_OPTIONS)
def _sight_exponent(ground2, cell, out):  # type: ignore[no-untyped-def]
    start, rate = cell[SIGHT_START], cell[SIGHT_RATE] * _LOG2_E
    for i in range(ground2.size):
        out[i] = max(min(-(np.sqrt(ground2[i]) - start) * rate, _ZERO), F(-100))


@njit(**_OPTIONS)
def _combine(ground2, slant2, log_slant, decay, loss, cell, out):  # type: ignore[no-untyped-def]
    full, turn2 = cell[SIGHT_FULL], cell[TURN] * cell[TURN]
    near0, near1, linear = cell[NEAR_0], cell[NEAR_1], cell[NEAR_LINEAR]
    far0, far1, hidden0, hidden1 = cell[FAR_0], cell[FAR_1], cell[HIDDEN_0], cell[HIDDEN_1]
    for i in range(out.size):
        log_d = log_slant[i]
        near = near0 + near1 * log_d + linear * np.sqrt(slant2[i])
        far = far0 + far1 * log_d
        seen = near if ground2[i] <= turn2 else far
        hidden = max(seen, hidden0 + hidden1 * log_d)
        certain = min(full / np.sqrt(ground2[i]), _ONE)
        share = certain + decay[i] * (_ONE - certain)
        out[i] = -(hidden + share * (seen - hidden)) - loss[i]


@njit(**_OPTIONS)
def levels(x, y, cells, out):  # type: ignore[no-untyped-def]
    """Level in dBm of each cell (rows of ``cells``) at each place, into ``out`` (cells × places), float32."""
    n = x.size
    ground2, slant2 = np.empty(n, F), np.empty(n, F)
    cosine, log_slant = np.empty(n, F), np.empty(n, F)
    decay, loss, scratch = np.empty(n, F), np.empty(n, F), np.empty(n, F)
    slant_bits, scratch_bits = slant2.view(np.int32), scratch.view(np.int32)
    for c in range(cells.shape[0]):
        cell = cells[c]
        _geometry(x, y, cell, ground2, slant2, cosine)
        _log10_slant(slant_bits, scratch, scratch_bits, log_slant)
        _horizontal(cosine, cell[H_FACTOR], loss)
        _pattern(cosine, ground2, cell, loss)
        _sight_exponent(ground2, cell, decay)
        _exp2(decay, scratch, scratch_bits)
        _combine(ground2, slant2, log_slant, decay, loss, cell, out[c])


@njit(**_OPTIONS)
def _rank(level, index, load, best, best_index, best_load, second, second_index, beaten, beaten_load):  # type: ignore[no-untyped-def]
    """Let a cell compete; who loses the duel with the best so far goes to ``beaten``."""
    for i in range(level.size):
        v = level[i]
        b, bi, bl, s, si = best[i], best_index[i], best_load[i], second[i], second_index[i]
        lead = v > b
        runner = v > s
        second[i] = b if lead else (v if runner else s)
        second_index[i] = bi if lead else (index if runner else si)
        beaten[i] = b if lead else v
        beaten_load[i] = bl if lead else load
        best[i] = v if lead else b
        best_index[i] = index if lead else bi
        best_load[i] = load if lead else bl


@njit(**_OPTIONS)
def _add_power(level, load, power, scratch, scratch_bits, total):  # type: ignore[no-untyped-def]
    for i in range(level.size):
        power[i] = max(level[i], NOTHING) * _DB_TO_LOG2
    _exp2(power, scratch, scratch_bits)
    for i in range(level.size):
        total[i] += load[i] * power[i]


@njit(**_OPTIONS)
def _count(level, best, window, weak, near, strong):  # type: ignore[no-untyped-def]
    for i in range(level.size):
        within = level[i] >= best[i] - window
        near[i] += np.int32(within)
        strong[i] += np.int32(within & (level[i] > weak))


@njit(**_OPTIONS)
def _keep_better(group, overall):  # type: ignore[no-untyped-def]
    g_best, g_second, g_total, g_indices, g_counts = group
    best, second, total, indices, counts = overall
    for i in range(best.size):
        if g_best[i] > best[i]:
            best[i], second[i], total[i] = g_best[i], g_second[i], g_total[i]
            indices[0, i], indices[1, i] = g_indices[0, i], g_indices[1, i]
            counts[0, i], counts[1, i] = g_counts[0, i], g_counts[1, i]


@njit(**_OPTIONS)
def summarise(x, y, cells, starts, window, weak, best, second, total, indices, counts):  # type: ignore[no-untyped-def]
    """Best server and its channel in each place, without keeping the links.

    Parameters
    ----------
    x, y : (places,) float32 metres in the block's plane.
    cells : (cells, coefficients) float32, ordered by channel.
    starts : (channels + 1,) where each channel's cells start.
    window, weak : the overlap window in dB and the weak threshold in dBm.
    best, second, total : (places,) out: levels in dBm of the best server and the next on its
        channel, and Σ load·power of the channel's other cells in mW (never a difference:
        subtracting the signal from a sum would lose quiet interference in rounding).
    indices : (2, places) out: rows of ``cells`` of best and second, −1 for none.
    counts : (2, places) out: cells within the window, and those also above the weak threshold.
    """
    n = x.size
    power, scratch = np.empty(n, F), np.empty(n, F)
    beaten, beaten_load, g_load = np.empty(n, F), np.empty(n, F), np.zeros(n, F)
    scratch_bits = scratch.view(np.int32)
    best[:] = NOTHING
    second[:] = NOTHING
    indices[:] = -1
    for g in range(starts.size - 1):
        first, last = starts[g], starts[g + 1]
        table = np.empty((last - first, n), F)
        levels(x, y, cells[first:last], table)
        g_best, g_second, g_total = np.full(n, NOTHING), np.full(n, NOTHING), np.zeros(n, F)
        g_indices, g_counts = np.full((2, n), np.int32(-1)), np.zeros((2, n), np.int32)
        g_load[:] = 0
        for c in range(last - first):
            index, load = np.int32(first + c), cells[first + c, LOAD]
            _rank(table[c], index, load, g_best, g_indices[0], g_load, g_second, g_indices[1], beaten, beaten_load)
            _add_power(beaten, beaten_load, power, scratch, scratch_bits, g_total)
        for c in range(last - first):
            _count(table[c], g_best, window, weak, g_counts[0], g_counts[1])
        _keep_better((g_best, g_second, g_total, g_indices, g_counts), (best, second, total, indices, counts))
