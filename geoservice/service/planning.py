"""What the planner works on: requests, budgets, ideas, and whether an action helped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice import actions, export, siting
from geoservice.config import Config
from geoservice.errors import ConfigError, InputError, NotFound
from geoservice.export.titles import Language
from geoservice.grid import Hexes
from geoservice.pipeline import RadioWorld
from geoservice.records import CellChange
from geoservice.service import follow_up, hotspot_answers, site_plan, trying, versions
from geoservice.service.actor import current as acting_now
from geoservice.service.deployment import Deployment
from geoservice.service.place_names import with_english
from geoservice.service.radio_of_run import radio_of_run
from geoservice.service.run_view import RunView
from geoservice.service.site_plan import Offer
from geoservice.service.trying import SiteToTry
from geoservice.store import Store

_PLANS_KEPT = 200


class Planning(Deployment):
    """Site-build requests, the plan of a budget, what-if, verification."""

    def __init__(self, store: Store, folder: Path, config: Config | None = None) -> None:
        super().__init__(store, folder, config)
        self._plans: dict[tuple[str, float, str], dict[str, Any]] = {}

    def site_requests(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Site-build requests, highest priority first, each with the planned sites around it."""
        rows = hotspot_answers.request_answers(self.view(run_id).site_requests())
        return [self._request_told(row) for row in rows]

    def site_request(self, request_no: str, run_id: str | None = None) -> dict[str, Any]:
        """One site-build request."""
        return self._request(self.view(run_id), request_no)

    def _request_told(self, row: dict[str, Any]) -> dict[str, Any]:
        """A request with the planned sites around it and its places in English too."""
        english = self.place_names()
        told = english.in_sentence(row["sentence_en"], row["place"])
        near = self.memory.planned().near(row["lat"], row["lon"])
        return with_english({**row, "sentence_en": told, "planned_nearby": near}, english, "place", "district")

    @staticmethod
    def _request(view: RunView, request_no: str) -> dict[str, Any]:
        requests = view.site_requests()
        found = hotspot_answers.request_answers(requests[requests["request_no"] == request_no])
        if not found:
            raise NotFound(f"there is no site-build request {request_no!r}", field="request_no")
        return found[0]

    def site_plan(self, budget: float, run_id: str | None = None) -> dict[str, Any]:
        """What a budget buys (see :func:`geoservice.service.site_plan.plan`); kept while what it rests on lasts."""
        view = self.view(run_id)
        # The requests' states, and the network it is predicted with.
        states = "|".join([*view.site_requests()["state"], self.store.changed("cells", "measurements")])
        key = (view.run.run_id, budget, states)
        if key not in self._plans:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            radio = self._radio_of(view)
            self._plans[key] = site_plan.plan(view, radio, self._offer(view, radio, states), budget, self.config)
        return self._plans[key]

    def _offer(self, view: RunView, radio: RadioWorld, states: str) -> Offer:
        """What plans choose from, predicted once for all budgets."""
        kept: tuple[str, Offer] | None = view.kept.get("site-offer")
        if kept is None or kept[0] != states:
            kept = (states, site_plan.offer(view, radio, self.store.read("cells"), self.config))
            view.kept["site-offer"] = kept
        return kept[1]

    def _radio_of(self, view: RunView) -> RadioWorld:
        radio = radio_of_run(self.store, self.config, self.as_of(), view, self._radio_world())
        if radio is None:
            raise ConfigError("no cells are on file; import them first: geoservice import cells FILE")
        return radio

    def decide(
        self,
        request_no: str,
        state: str,
        reason: str | None = None,
        by: str | None = None,
        versions_read: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """Move a site-build request to its next state; ``versions_read`` guards against overtaking one another.

        Whoever has logged in (or is a program with a key) approves in their own name; ``by`` counts for the others.

        Raises
        ------
        Changed
            The request is in none of the versions the caller read.
        StateError
            The step is not allowed from the present state, or a refusal has no reason.
        """
        view = self.view()
        current = self._request(view, request_no)
        versions.check(self.told_version(current), versions_read)
        actor = acting_now()
        approver = actor.name if actor.via in {"session", "key"} else by
        step = siting.move(current["state"], state, approver=approver, reason=reason)
        self.store.set_request_state(
            view.run.run_id, request_no, step.state, step.reason, step.approver, current["state"]
        )
        self.office.audit.record_change("request.decide", request_no, run=view.run.run_id, state=step.state)
        return self._request(view, request_no)

    def told_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a version is made of: the request as the caller read it."""
        return request

    def what_if(self, changes: Sequence[CellChange], sites: Sequence[SiteToTry] = ()) -> pd.DataFrame:
        """Coverage before and after a set of changes and new sites (table ``what_if``)."""
        return self._tried(changes, sites)[0]

    def what_if_answer(
        self, changes: Sequence[CellChange], sites: Sequence[SiteToTry] = (), hotspot_id: str | None = None
    ) -> dict[str, Any]:
        """The same with a summary: customers better and worse off.

        With ``hotspot_id`` antenna changes count as in its work order: gain around the hotspot, harm everywhere.
        A new site is built for everybody it reaches.
        """
        frame, tried = self._tried(changes, sites)
        builds = any(change.field == "new" for change in tried)
        near = None if hotspot_id is None or builds else self._around(hotspot_id)
        return trying.answer(frame, tried, self.config, near)

    def _around(self, hotspot_id: str) -> Hexes | None:
        """Where the gain of a hotspot's antenna changes counts."""
        view = self.view()
        mine = view.evidence[view.evidence["subject_id"] == hotspot_id].to_dict("records")
        if not mine:
            raise NotFound(f"there is no hotspot {hotspot_id!r} in this run", field="hotspot")
        return actions.surroundings({str(name): value for name, value in mine[0].items()}, view.coverage)

    def what_if_page(
        self, changes: Sequence[CellChange], sites: Sequence[SiteToTry], path: Path, language: Language = "en"
    ) -> dict[str, Any]:
        """The answer, and a page with maps before and after."""
        frame, tried = self._tried(changes, sites)
        found = trying.answer(frame, tried, self.config)
        export.write_what_if(frame, found, tried, self.store.read("cells"), path, language)
        return found

    def _tried(
        self, changes: Sequence[CellChange], sites: Sequence[SiteToTry]
    ) -> tuple[pd.DataFrame, list[CellChange]]:
        if not changes and not sites:
            raise InputError("say at least one change", field="changes")
        view = self.view()
        radio = self._radio_of(view)
        _check_known({change.cgi for change in changes if change.field != "new"}, radio.cells)
        tried = [*changes, *trying.changes_of(sites, radio.cells)]
        return radio.what_if(tried, view.coverage[["hex", "customers"]]), tried

    def verify(self, action_id: str, done_at: datetime, run_id: str | None = None) -> dict[str, Any]:
        """Whether an action helped (see :func:`geoservice.service.follow_up.verify`)."""
        return follow_up.verify(self.store, self.view(run_id), action_id, done_at, self.as_of(), self.config)


def _check_known(cgis: set[str], cells: pd.DataFrame) -> None:
    if missing := sorted(cgis - set(cells["cgi"])):
        raise NotFound(f"there is no cell {missing[0]!r}", field="cgi")
