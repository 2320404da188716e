"""Power, tilt, azimuth, frequency and bandwidth in their many spellings (handbook section 3)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.network.draft import Draft, Floats
from geoservice.network.frequency import LAST_EARFCN, downlink_mhz
from geoservice.network.vocabulary import OMNI, RATS
from geoservice.parsing.numbers import floats
from geoservice.parsing.seen import LARGE
from geoservice.parsing.text import Mask, blank, choose, word_where

# Resource blocks by bandwidth: LTE TS 36.101 Table 5.6-1; NR 30 kHz TS 38.101-1 Table 5.3.2-1.
_LTE_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
_NR_BLOCKS = {
    10.0: 24,
    15.0: 38,
    20.0: 51,
    25.0: 65,
    30.0: 78,
    40.0: 106,
    50.0: 133,
    60.0: 162,
    80.0: 217,
    90.0: 245,
    100.0: 273,
}


def rats_of(draft: Draft) -> pd.Series:
    """Radio technology of every row: as given, else by the kind of its key and channel number."""
    given = draft.choice("rat", RATS)
    arfcn, _ = floats(draft.text("arfcn"))
    nr = draft.text("nci").notna() | draft.text("gnb_id").notna() | (arfcn > LAST_EARFCN)
    lte = draft.text("eci").notna() | draft.text("enb_id").notna()
    implied = pd.Series(word_where(lte, "LTE"), index=given.index, dtype="str").mask(nr, "NR")
    rats = given.fillna(implied)
    draft.remark(given.isna() & rats.notna(), "cells name no technology; it was read from their key or channel number")
    draft.refuse(rats.isna(), "rat", "missing", "rat is missing or unknown; use GSM, UMTS, CDMA, LTE or NR")
    return rats


def azimuths(draft: Draft, indoor: pd.Series, hbw: Floats) -> tuple[Floats, Mask]:
    """Degrees clockwise from north, 360 → 0; unknown where the cell is omni or indoor; and the odd values."""
    texts = draft.text("azimuth_deg")
    words, _ = choose(texts, {**OMNI, "1": "", "2": ""})
    sector, _ = choose(draft.text("sector_type"), OMNI)
    values, bad = floats(texts.mask(words == "omni"))
    omni = (words == "omni").to_numpy() | (sector == "omni").to_numpy() | (hbw >= 360)
    odd = (bad | (values < 0) | (values > 360)) & ~omni
    draft.remark(odd, "azimuths are unreadable or outside 0…360 and were left out")
    turned = np.where(values == 360.0, 0.0, values)
    hidden = omni | odd | indoor.fillna(False).to_numpy(bool)
    return np.where(hidden, np.nan, turned), odd


def tilts(draft: Draft) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """(mechanical, electrical) downtilt and a remark for the watch list.

    A total is split by what is known of its parts; a total alone counts as electrical, which
    tilts all around as a total does. A preset and a remote-controlled part are added.
    """
    mech, _ = draft.soft_number("mech_tilt_deg")
    elec, _ = draft.soft_number("elec_tilt_deg")
    preset, ret, total, lone = (
        _plain(draft, n) for n in ("preset_tilt_deg", "ret_tilt_deg", "total_tilt_deg", "tilt_deg")
    )
    parts = np.where(np.isnan(preset) & np.isnan(ret), np.nan, np.nan_to_num(preset) + np.nan_to_num(ret))
    elec = np.where(np.isnan(elec), parts, elec)
    total = np.where(np.isnan(total), lone, total)
    watch = np.full(len(draft), None, object)
    watch[np.abs(mech + elec - total) > 1.0] = "tilt-sum"
    watch[np.isnan(mech) & np.isnan(elec) & np.isfinite(total)] = "tilt-kind-unknown"
    elec_split = np.where(np.isnan(elec), total - np.nan_to_num(mech), elec)
    mech_split = np.where(np.isnan(mech) & np.isfinite(elec), total - elec, mech)
    return _tilt_range(draft, mech_split), _tilt_range(draft, elec_split), watch


def rs_power(
    draft: Draft, rats: pd.Series, gain: Floats, bandwidth: Floats
) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """(power per reference element in dBm, antenna gain in dBi, remark).

    Values above 60 are in 0.1 dBm; when most of a column are, the whole column is. An EIRP already
    holds the gain: it becomes a power with the known gain taken off, or with a gain of 0. A total
    power is spread over resource elements and ports (handbook section 5).
    """
    power = _in_dbm(draft, _plain(draft, "rs_power_dbm"), "rs_power_dbm")
    eirp = _in_dbm(draft, _plain(draft, "eirp_dbm"), "eirp_dbm")
    use_eirp = np.isnan(power) & np.isfinite(eirp)
    gain = np.where(use_eirp & np.isnan(gain), 0.0, gain)
    power = np.where(use_eirp, eirp - gain, power)
    spread = _spread(draft, rats, bandwidth)
    remark = word_where(use_eirp, "power-from-eirp")
    remark[np.isnan(power) & np.isfinite(spread)] = "power-from-total"
    power = np.where(np.isnan(power), spread, power)
    odd = (power < -60) | (power > 60)
    draft.remark(odd, "reference signal powers are outside −60…60 dBm and were left out")
    return np.where(odd, np.nan, power), gain, remark


def bandwidths(draft: Draft, rats: pd.Series) -> Floats:
    """Carrier bandwidth in MHz; a count of resource blocks (LTE 25…100) or kHz is recognised."""
    values = _plain(draft, "bandwidth_mhz")
    if not draft.has("bandwidth_mhz"):
        values = _band_that_is_a_width(draft)
    values = np.where(values >= 1000, values / 1000.0, values)
    blocks = {float(count): width for width, count in _LTE_BLOCKS.items()}
    counted = (rats == "LTE").to_numpy() & np.isin(values, [25.0, 50.0, 75.0, 100.0])
    values = np.where(counted, pd.Series(values).map(blocks), values).astype(float)
    return np.where((values < 0.1) | (values > 2000), np.nan, values)


def _band_that_is_a_width(draft: Draft) -> Floats:
    """A column BAND holds band numbers in most tables, bandwidths in some: 10, 15 and 1.4 give the latter away."""
    values, _ = floats(draft.text("band"))
    known = draft.seen("band", values).few
    if known and known <= set(_LTE_BLOCKS) and known & {1.4, 10.0, 15.0}:
        draft.say("column BAND holds bandwidths in MHz, no band numbers; read so")
        return values
    return np.full(len(draft), np.nan)


def frequencies(draft: Draft, rats: pd.Series) -> tuple[Floats, Floats]:
    """(channel number, downlink MHz); the channel number decides where both are given but one is empty."""
    arfcn, _ = draft.soft_number("arfcn", whole=True)
    given = _plain(draft, "frequency_mhz")
    given = np.where((given > 0) & (given < 100), given * 1000.0, given)
    decoded = downlink_mhz(rats.to_numpy(object), arfcn)
    draft.remark(np.isfinite(arfcn) & np.isnan(decoded), "channel numbers belong to no known band")
    mhz = np.where(np.isfinite(given), given, decoded)
    return arfcn, np.where((mhz < 100) | (mhz > 100_000), np.nan, mhz)


def _plain(draft: Draft, name: str) -> Floats:
    values, bad = floats(draft.text(name))
    draft.remark(bad, f"values of {name} are no numbers and were left out")
    return values


def _tilt_range(draft: Draft, values: Floats) -> Floats:
    odd = (values < -5) | (values > 20)
    draft.remark(odd, "tilts are outside −5…20 degrees and were left out")
    return np.where(odd, np.nan, values)


def _in_dbm(draft: Draft, values: Floats, name: str) -> Floats:
    seen, above = draft.seen(name, values), values > LARGE
    if name == "eirp_dbm" or not seen.large:
        return np.where((values > 100), values / 10.0, values)
    whole_column = seen.large > seen.numbers / 2
    draft.say(f"{name} is in 0.1 dBm ({'the whole column' if whole_column else 'values above 60'}); divided by 10")
    return np.where(np.isfinite(values) if whole_column else above, values / 10.0, values)


def _spread(draft: Draft, rats: pd.Series, bandwidth: Floats) -> Floats:
    """Power per resource element of a total power: EPRE = P − 10·log10(ports) − 10·log10(12·N_RB)."""
    total = _plain(draft, "max_power_dbm")
    watts = _plain(draft, "max_power_w")
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(np.isnan(total), 10 * np.log10(1000 * watts), total)
    ports = _plain_ports(draft)
    blocks = np.where(
        (rats == "NR").to_numpy(), pd.Series(bandwidth).map(_NR_BLOCKS), pd.Series(bandwidth).map(_LTE_BLOCKS)
    ).astype(float)
    with np.errstate(invalid="ignore"):
        return np.asarray(total - 10 * np.log10(ports) - 10 * np.log10(12 * blocks))


def _plain_ports(draft: Draft) -> Floats:
    """``4``, ``4T4R``, ``64TR`` → the number of ports; one when unknown."""
    texts = draft.text("ports")
    digits = texts.str.extract(r"^(\d{1,3})", expand=False)
    values = np.asarray(pd.to_numeric(digits, errors="coerce"), float)
    return np.where(blank(texts) | np.isnan(values) | (values < 1), 1.0, values)
