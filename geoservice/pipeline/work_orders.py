"""From causes to work: antennas tried, sites placed, and the figures of both laid side by side."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from geoservice import actions, siting
from geoservice.actions import ResponseCurve
from geoservice.config import Config
from geoservice.pipeline.network_view import Snapshot
from geoservice.records import Progress, WhatIf


def work_orders(
    data: Snapshot, found: pd.DataFrame, members: pd.DataFrame, diagnoses: pd.DataFrame, evidence: pd.DataFrame,
    coverage: pd.DataFrame, what_if: WhatIf, curve: ResponseCurve | None, config: Config, now: datetime, run_id: str,
    progress: Progress, known: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Tables ACTIONS and SITE_REQUESTS of the hotspots ``found`` with their ``members``.

    Requests are made knowing which antennas were tried; then the orders that build or wait take
    their figures from the requests, so that one site has one gain. ``known`` requests keep their numbers.
    """
    progress(0.0, "actions")
    plans = actions.plan(
        diagnoses, evidence, found, coverage, data.cells, what_if, config, now, response=curve,
        anonymous=_anonymous(members, data.complaints),
    )  # fmt: skip
    progress(0.6, "site requests")

    def avoided(outcome: pd.DataFrame) -> tuple[float, float, float]:
        saved = curve.avoided(outcome) if curve is not None else None
        return (float("nan"),) * 3 if saved is None else (saved.mean, saved.low, saved.high)

    considered = siting.consider(
        found, diagnoses, plans, coverage, data.cells, data.planned_sites, data.gazetteer, what_if, config, run_id,
        avoided=avoided, known=known,
    )  # fmt: skip
    told = actions.with_sites(plans, considered.requests, considered.refusals(), considered.waited(), config, now)
    return told, considered.requests


def _anonymous(members: pd.DataFrame, complaints: pd.DataFrame) -> frozenset[str]:
    """Hotspots none of whose complaints came with a customer who could be called back."""
    known = set(complaints.loc[complaints["customer_key"].notna(), "complaint_id"])
    callable_ = members.loc[members["complaint_id"].isin(known), "hotspot_id"]
    return frozenset(set(members["hotspot_id"].astype(str)) - set(callable_.astype(str)))
