"""The sentences that defend a request in the meeting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geoservice import names
from geoservice.siting.proposal import Proposal

_KIND_ZH = {"macro": "宏站", "micro": "微站", "DAS": "室分", "small_cell": "小站", "repeater": "直放站"}
_BASIS_ZH = {"measured": "实测", "blended": "实测与预测融合", "predicted": "预测", "assumed": "假定"}


def sentence(row: Mapping[str, Any], proposal: Proposal, months: float, language: str) -> str:
    """One paragraph a planner can read out in the meeting."""
    return _sentence_zh(row, proposal, months) if language == "zh" else _sentence_en(row, proposal, months)


def _sentence_zh(row: Mapping[str, Any], proposal: Proposal, months: float) -> str:
    place = row["place"] or f"{row['lat']:.5f},{row['lon']:.5f}"
    level = "" if np.isnan(row["rsrp_p50_dbm"]) else f"未覆盖区RSRP中值{row['rsrp_p50_dbm']:.0f} dBm"
    basis = _BASIS_ZH.get(row["rsrp_basis"], row["rsrp_basis"])
    tried = "、".join(_examined(row, "zh")) or "无可用参数手段"
    kind = _KIND_ZH.get(proposal.kind.type, proposal.kind.type)
    near = f"，最近站点{row['nearest_sites'][0]['distance_m']:.0f} m" if row["nearest_sites"] else "，周边无现有站点"
    return (
        f"{place}：{months:.1f}个月内{row['customers']}名用户投诉{row['contacts']}次；"
        f"{level or '周边无可用小区'}（{basis}），未覆盖{row['uncovered_km2']:.2f} km²{near}。"
        f"已评估：{tried}。建议新建{kind}（挂高{proposal.height_m:.0f} m{_azimuth_words(proposal, '，方位角')}），"
        f"{_effect_zh(proposal)}。优先级{row['priority']:.1f}。"
    )


def _sentence_en(row: Mapping[str, Any], proposal: Proposal, months: float) -> str:
    place = row["place"] or f"{row['lat']:.5f},{row['lon']:.5f}"
    level = "" if np.isnan(row["rsrp_p50_dbm"]) else f"median level {row['rsrp_p50_dbm']:.0f} dBm"
    tried = ", ".join(_examined(row, "en")) or "no parameter remedy"
    near = (
        f"; nearest site {row['nearest_sites'][0]['distance_m']:.0f} m" if row["nearest_sites"] else "; no site around"
    )
    return (
        f"{place}: {row['customers']} customers complained {row['contacts']} times in {months:.1f} months; "
        f"{level or 'no cell in reach'} ({row['rsrp_basis']}) over {row['uncovered_km2']:.2f} km² uncovered{near}. "
        f"Examined first: {tried}. Proposed: {proposal.kind.type} at {proposal.height_m:.0f} m"
        f"{_azimuth_words(proposal, ', azimuths ')}; {_effect_en(proposal)}. Priority {row['priority']:.1f}."
    )


def _examined(row: Mapping[str, Any], language: str) -> list[str]:
    """Names of the actions that were tried, and of planned sites that were."""
    codes = sorted({str(t.get("action", "")) for t in row["actions_tried"]} - {""})
    waited = [str(a["plan_no"]) for a in row["alternatives"] or [] if a.get("plan_no")]
    lead = "等待规划站" if language == "zh" else "planned site "
    return [names.name_of("actions", code, language) for code in codes] + [lead + number for number in waited]


def _azimuth_words(proposal: Proposal, lead: str) -> str:
    return lead + "/".join(f"{a:.0f}°" for a in proposal.azimuths) if proposal.azimuths else ""


def _effect_zh(proposal: Proposal) -> str:
    if np.isnan(proposal.lifted_share):
        return "室内目标电平≥−105 dBm（设计目标，需勘察确认）"
    return (
        f"预计{proposal.lifted_share:.0%}未覆盖六边形达标，"
        f"受益{proposal.gain_customers:.0f}、受损{proposal.harm_customers:.0f}用户"
    )


def _effect_en(proposal: Proposal) -> str:
    if np.isnan(proposal.lifted_share):
        return "indoor target −105 dBm or better (design target, to be confirmed by survey)"
    return (
        f"predicted to lift {proposal.lifted_share:.0%} of the uncovered hexes, "
        f"{proposal.gain_customers:.0f} customers gained, {proposal.harm_customers:.0f} harmed"
    )
