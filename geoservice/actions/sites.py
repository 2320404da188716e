"""The work orders that build or wait, filled with what siting computed: one figure for one site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from geoservice import tables
from geoservice.actions.catalogue import Step, actions
from geoservice.config import Config

BUILD = Step("", "A16", "规划建设", 10, "WD", "T3")
WAIT = Step("", "A20", "规划建设", 10, "WD", "T3")
INDOOR = "DAS"
_SUMS = {
    "gain_customers": "predicted_gain_customers", "harm_customers": "predicted_harm_customers",
    "net_customers": "predicted_net_customers", "complaints_avoided": "complaints_avoided",
    "avoided_low": "avoided_low", "avoided_high": "avoided_high",
}  # fmt: skip
_TYPES_ZH = {"macro": "宏站", "micro": "微站", "small_cell": "小站", "repeater": "直放站"}


def with_sites(
    plans: pd.DataFrame, requests: pd.DataFrame, refused: pd.DataFrame, waits: pd.DataFrame, config: Config,
    now: datetime,
) -> pd.DataFrame:  # fmt: skip
    """Table ACTIONS with the rows A16 and A20 told by the site requests.

    Parameters
    ----------
    plans : table ACTIONS of :func:`geoservice.actions.plan`; its A16 rows carry no figures yet.
    requests : table SITE_REQUESTS; the gain of a hotspot's A16 is the sum of its requests.
    refused : ``hotspot_id``, ``code``, ``reason_zh``, ``reason_en`` of requests that were not made.
    waits : ``hotspot_id``, ``enough``, ``gain``, ``harm``, ``sentence_zh``, ``sentence_en`` of planned
        sites that were tried, nearest first.
    config, now : for the clock of rows that are added.
    """
    rows: list[dict[str, Any]] = []
    outdoor = requests[requests["type"] != INDOOR]
    for subject, part in plans.groupby("subject_id", sort=False):
        mine = [{str(k): v for k, v in row.items()} for row in part.sort_values("rank").to_dict("records")]
        asked = outdoor[outdoor["hotspot_id"] == subject]
        waited = waits[waits["hotspot_id"] == subject]
        mine = _with_steps(mine, len(asked) > 0, bool(len(waited)) and bool(waited["enough"].any()), config, now)
        reasons = refused[refused["hotspot_id"] == subject]
        rows += [_told(row, asked, reasons, waited) | {"rank": rank} for rank, row in enumerate(mine, 1)]
    return tables.conform(pd.DataFrame(rows), tables.ACTIONS) if rows else plans


def _with_steps(
    rows: list[dict[str, Any]], asked: bool, waited: bool, config: Config, now: datetime
) -> list[dict[str, Any]]:
    """Rows A16 and A20 where siting found them worth while and the cause alone had not asked for them."""
    present = {row["action"] for row in rows}
    added = [s for s, wanted in ((WAIT, waited), (BUILD, asked)) if wanted and s.action not in present]
    made = [_row(step, rows[0], config, now) for step in added]
    before = [row for row in rows if row["action"] != "A16"]
    return [*before, *made, *(row for row in rows if row["action"] == "A16")]


def _row(step: Step, like: Mapping[str, Any], config: Config, now: datetime) -> dict[str, Any]:
    found = actions()[step.action]
    return {
        "action_id": f"{like['subject_id']}-{step.action}", "subject_id": like["subject_id"], "rank": 0,
        "action": step.action, "cause": like["cause"], "department": step.department,
        "cost_class": found.cost_class, "sla": step.sla_text, "due": step.due(now, config), "script": step.script,
        "changes": [], "gain_basis": "catalogue", "sentence_zh": found.sentence_zh, "sentence_en": found.sentence_en,
        "tried": like["tried"],
    }  # fmt: skip


def _told(row: dict[str, Any], asked: pd.DataFrame, reasons: pd.DataFrame, waited: pd.DataFrame) -> dict[str, Any]:
    if row["action"] == "A16":
        return row | (_requested(asked) if len(asked) else _not_requested(reasons))
    if row["action"] == "A20" and len(waited):
        return row | _waiting(waited.sort_values("enough", ascending=False, kind="stable").iloc[0])
    return row


def _requested(asked: pd.DataFrame) -> dict[str, Any]:
    sums = {ours: float(asked[theirs].sum(min_count=1)) for ours, theirs in _SUMS.items()}
    cells = [cell for listed in asked["new_cells"] for cell in (listed or [])]
    moves = [
        {"cgi": cell["cgi"], "field": "new", "from": None, "to": f"{cell['lat']:.5f},{cell['lon']:.5f}"}
        for cell in cells
    ]
    zh = "；".join(f"{n} {_TYPES_ZH.get(t, t)}" for n, t in zip(asked["request_no"], asked["type"], strict=True))
    en = "; ".join(f"{n} {t}" for n, t in zip(asked["request_no"], asked["type"], strict=True))
    net = sums["net_customers"]
    return sums | {
        "changes": moves,
        "gain_basis": "computed",
        "sentence_zh": f"提交建站需求（{zh}），预计净改善 {net:.0f} 名用户。",
        "sentence_en": f"Request a new site ({en}): {net:.0f} customers better off, net.",
    }


def _not_requested(reasons: pd.DataFrame) -> dict[str, Any]:
    if reasons.empty:
        return {}
    first = reasons.iloc[0]
    return {
        "sentence_zh": f"暂不提交建站需求：{first['reason_zh']}。",
        "sentence_en": f"No site is requested yet: {first['reason_en']}.",
    }


def _waiting(best: pd.Series) -> dict[str, Any]:
    gain, harm = float(best["gain"]), float(best["harm"])
    return {
        "gain_customers": gain, "harm_customers": harm, "net_customers": gain - harm, "gain_basis": "computed",
        "sentence_zh": f"{best['sentence_zh']}。", "sentence_en": f"{best['sentence_en'].capitalize()}.",
    }  # fmt: skip
