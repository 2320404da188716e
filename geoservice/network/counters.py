"""KPIs, alarms, shutdown windows and neighbour relations → their tables."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geoservice.network.draft import Cleaned, Draft, Floats
from geoservice.network.vocabulary import ENERGY_MODES, GRANULARITIES, SEVERITIES
from geoservice.parsing.numbers import floats
from geoservice.parsing.text import normalised, synonyms
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import ALARMS, ENERGY_WINDOWS, KPIS, NEIGHBOURS

# part, whole: a part cannot exceed its whole.
_PARTS = (
    ("rrc_succ", "rrc_att"), ("sig_succ", "sig_att"), ("bearer_succ", "bearer_att"), ("abn_rel", "all_rel"),
    ("qci1_succ", "qci1_att"), ("qci1_abn_rel", "qci1_all_rel"), ("ho_succ", "ho_att"),
    ("qci1_ul_lost", "qci1_ul_pkt"), ("qci1_dl_lost", "qci1_dl_pkt"),
)  # fmt: skip
_AFFECTING = synonyms({"yes": ("退服", "严重影响", "影响业务", "service affecting"), "no": ("无影响", "不影响业务")})
# Names of alarms that take a cell or a site off the air.
_OUTAGE = re.compile(
    r"退服|断站|掉站|脱管|断链|小区不可用|小区退出服务|业务中断|传输中断|链路(?:故障|中断)"
    r"|out of service|cell (?:unavailable|down)|site down|(?:link|s1|ng) (?:failure|down)",
    re.IGNORECASE,
)
# A share of more than that is per cent, however full the cell.
_HIGHEST_SHARE = 1.5
_DEFINED = synonyms({"yes": ("已定义", "正常", "configured"), "no": ("漏配", "未定义", "missing")})


def clean_kpis(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Counters per cell and hour or day; shares as 0…1 (percent is recognised), parts not above their wholes."""
    draft = Draft(chunk, options, KPIS)
    key = draft.key("cgi")
    start = draft.time("start", required=True)
    granularity = draft.choice("granularity", GRANULARITIES, required=True)
    counters = [c.name for c in KPIS.columns if c.dtype == "float" and not c.name.startswith("prb_")]
    columns: dict[str, object] = {name: draft.number(name) for name in counters if draft.has(name)}
    columns |= {name: _share(draft, name) for name in ("prb_dl", "prb_ul") if draft.has(name)}
    for part, whole in _PARTS:
        if part in columns and whole in columns:
            above = np.asarray(columns[part]) > np.asarray(columns[whole])
            draft.refuse(above, part, "part-exceeds-whole", f"{part} is greater than {whole}")
    return draft.finish({**columns, "cgi": key, "start": start.utc, "granularity": granularity})


def clean_alarms(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Alarms of cells or sites; cleared after raised, or still active."""
    draft = Draft(chunk, options, ALARMS)
    raised, cleared = draft.time("raised_at", required=True), draft.time("cleared_at")
    early = (cleared.utc < raised.utc).fillna(False)
    draft.refuse(early, "cleared_at", "time-order", "the alarm is cleared before it is raised")
    severity, name = draft.choice("severity", SEVERITIES, required=True), draft.text("name")
    # Many systems export names only: the name then tells one alarm from another.
    draft.frame["code"] = draft.text("code").fillna(name)
    code = draft.key("code")
    columns = {
        "object_key": draft.key("object_key"),
        "code": code,
        "severity": severity,
        "raised_at": raised.utc,
        "cleared_at": cleared.utc,
        "service_affecting": _affecting(draft, code.str.cat(name, sep=" ", na_rep=""), severity),
        "planned_work": draft.flag("planned_work"),
    }
    return draft.finish(columns)


def clean_energy_windows(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Windows in which a cell sleeps, by the local clock; they may cross midnight."""
    draft = Draft(chunk, options, ENERGY_WINDOWS)
    columns: dict[str, object] = {name: _clock(draft, name) for name in ("from_local", "to_local")}
    valid_from, valid_to = draft.date("valid_from"), draft.date("valid_to")
    backwards = (valid_to < valid_from).fillna(False)
    draft.refuse(backwards, "valid_to", "time-order", "the window ends before it starts")
    columns |= {"cgi": draft.key("cgi"), "mode": draft.choice("mode", ENERGY_MODES)}
    return draft.finish({**columns, "valid_from": valid_from, "valid_to": valid_to})


def clean_neighbours(chunk: RawChunk, options: ImportOptions) -> Cleaned:
    """Relations between two different cells; successes not above attempts."""
    draft = Draft(chunk, options, NEIGHBOURS)
    source, target = draft.key("src_cgi"), draft.key("dst_cgi")
    draft.refuse((source == target).fillna(False), "dst_cgi", "same-cell", "a cell is no neighbour of itself")
    attempts, successes = draft.number("ho_att"), draft.number("ho_succ")
    draft.refuse(successes > attempts, "ho_succ", "part-exceeds-whole", "ho_succ is greater than ho_att")
    defined = draft.flag("defined", _DEFINED)
    return draft.finish(
        {"src_cgi": source, "dst_cgi": target, "ho_att": attempts, "ho_succ": successes, "defined": defined}
    )


def _affecting(draft: Draft, names: pd.Series, severity: pd.Series) -> pd.Series:
    """Whether customers lose service: as the file says; without such a column from the severity and the name.

    Critical and major are the severities of a degraded service (ITU-T X.733 section 8.1.2.3); an outage is one
    by its name, whatever its severity.
    """
    if not draft.has("service_affecting"):
        draft.say("service_affecting is not in the file; derived from severity (critical, major) and names of outages")
        outage = normalised(names).str.contains(_OUTAGE).fillna(False)
        return (severity.isin(["critical", "major"]) | outage).astype("boolean")
    given = draft.flag("service_affecting", _AFFECTING)
    draft.refuse(given.isna(), "service_affecting", "missing", "service_affecting is missing; write true or false")
    return given


def _share(draft: Draft, name: str) -> Floats:
    """A share 0…1; a per-cent sign, or a column that reaches beyond 1 anywhere in the file, says it is per cent."""
    texts = normalised(draft.text(name))
    signed = texts.str.endswith("%").fillna(False).to_numpy(bool)
    values, bad = floats(texts.str.removesuffix("%"))
    draft.refuse(bad, name, "not-a-number", "not a finite number")
    per_cent = signed | (draft.seen(name, values).high > _HIGHEST_SHARE)
    values = np.where(per_cent, values / 100.0, values)
    if per_cent.any():
        draft.say(f"{name} is in per cent; divided by 100")
    # Rounding of an exporter may lift a full cell to 1.0004.
    values = np.where((values > 1.0) & (values <= 1.005), 1.0, values)
    draft.refuse((values < 0) | (values > 1), name, "out-of-range", "outside 0…1 (or 0…100 %)")
    return values


def _clock(draft: Draft, name: str) -> pd.Series:
    """A local clock time as ``HH:MM``; 24:00 is midnight."""
    texts = normalised(draft.need(name)).str.replace(r"^\d{4}-\d\d-\d\d[ T]", "", regex=True)
    parts = texts.str.extract(r"^(\d{1,2})[:：时点](\d{2})?(?:[:：分]\d{0,2})?分?$|^(\d{1,2})$")
    hour = pd.to_numeric(parts[0].fillna(parts[2]), errors="coerce")
    minute = pd.to_numeric(parts[1], errors="coerce").fillna(0)
    good = (hour < 24) & (minute < 60) | ((hour == 24) & (minute == 0))
    draft.refuse(~good.fillna(False), name, "not-a-time", "not a time of day; write HH:MM")
    hour = hour.where(good, 0).mod(24).fillna(0).astype(int).astype("str").str.zfill(2)
    return hour + ":" + minute.where(good, 0).fillna(0).astype(int).astype("str").str.zfill(2)
