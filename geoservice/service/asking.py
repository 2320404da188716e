"""What the desk asks and records: one place, one customer, one complaint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoservice import pipeline
from geoservice.errors import InputError, NotFound
from geoservice.locate import Locator
from geoservice.records import ImportOptions, ImportReport, Progress, silent
from geoservice.service import desk, finding, known, once, place_causes, recording, suggesting
from geoservice.service import lookup as place_answers
from geoservice.service.candidates import QUERY, Candidate
from geoservice.service.coverage_here import Prediction, coverage_at
from geoservice.service.deployment import Deployment
from geoservice.service.place_names import with_english
from geoservice.service.run_view import RunView


class Asking(Deployment):
    """Intake and look-ups."""

    def import_file(
        self, table: str, path: Path, options: ImportOptions | None = None, progress: Progress = silent
    ) -> ImportReport:
        """Import a file (see :func:`geoservice.pipeline.import_file`)."""
        report = pipeline.import_file(self._place, table, path, options or ImportOptions(), progress)
        self.office.audit.record_change("import", report.table, taken=report.taken, rejected=report.rejected)
        return report

    def record_complaint(
        self, fields: Mapping[str, Any], source: str = place_answers.DESK, key: str | None = None
    ) -> dict[str, Any]:
        """Take one complaint (see :func:`geoservice.service.recording.record`); under a ``key``, once."""
        if key is not None:
            taken = once.record_once(self._place, fields, key, source)
        else:
            taken = recording.record(self._place, fields, source)
        if taken["created"]:
            self.office.audit.record_change("complaint.create", taken["complaint_id"])
        else:
            self.office.audit.record("complaint.read", taken["complaint_id"])
        return taken

    def complaint(self, complaint_id: str) -> dict[str, Any]:
        """A stored complaint with its fixes."""
        found = recording.find(self._place, complaint_id)
        self.office.audit.record("complaint.read", found["complaint_id"])
        return found

    def lookup(self, query: str, language: str = "en") -> dict[str, Any]:
        """What is known about a place, and what to tell the customer."""
        text = query.strip()
        if not text:
            raise InputError("say an address, a place, a cell or coordinates", field="query")
        if len(text) > 300:
            raise InputError("a place is at most 300 characters long", field="query")
        fixes, ambiguous = self._find(text)
        answer = place_answers.look_up(self._ground(), text, fixes, language, ambiguous=ambiguous)
        english = self.place_names()
        return {**answer, "fixes": [with_english(fix, english, "label") for fix in answer["fixes"]]}

    def _find(self, text: str) -> tuple[list[Candidate], bool]:
        """Candidates for a query, and whether it must be asked which of them is meant."""
        locator = self._locator()
        point = finding.coordinates(locator, text)
        if point is not None:
            return point, False
        fixes = known.find(self.store, self.memory, text, tickets=self.shows_tickets)
        if fixes:
            self._note_ticket(fixes)
            return fixes, False
        choices = known.several(text, locator.suggest(text[:100], 20))
        if choices:
            return choices, True
        fixes = finding.search(locator, self.memory, self.store.changed("gazetteer", "cells"), text)
        return fixes, known.tied(fixes)

    def why(self, query: str, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Causes at the place of a query (see :func:`geoservice.service.place_causes.why`).

        Raises
        ------
        NotFound
            Nothing is known by that name.
        InputError
            Several places are meant equally likely: the causes of the wrong one are worse than a question.
        """
        fixes, ambiguous = self._find(query.strip())
        if not fixes:
            raise NotFound("this place was not found; give an address, a cell or LAT,LON", field="query")
        if ambiguous:
            named = ", ".join(str(fix.label) for fix in fixes[:5])
            raise InputError(f"{len(fixes)} places fit; say which one: {named}", field="query")
        best = fixes[0]
        fix = {"lat": best.lat, "lon": best.lon, "radius_m": min(best.radius_m, place_answers.COARSE_M)}
        return place_causes.why(self._place, self._radio_world(), fix, self.as_of(), said)

    def suggest(self, typed: str, limit: int = 8) -> list[dict[str, Any]]:
        """Points, places, cells, sites, plans and tickets that begin like what was typed."""
        locator = self._locator()
        return suggesting.suggest(self.store, locator, self.place_names(), typed, limit)

    def customer_history(self, caller: desk.Caller) -> dict[str, Any]:
        """Earlier tickets of a customer and what a complaint now would be (see :func:`desk.history`)."""
        found = desk.history(self._place, caller, self.as_of())
        tickets = [ticket["ticket_no"] for ticket in found["tickets"]]
        self.office.audit.record("customer.read", None, tickets=tickets)
        return found

    def coverage(self, lat: float, lon: float) -> dict[str, Any]:
        """Coverage and serving cells of a point."""
        ground = self._ground()
        coverage, serving = coverage_at(self.memory, self.config, ground.view, ground.radio, lat, lon)
        return {"lat": lat, "lon": lon, "coverage": coverage, "serving": serving}

    def _locator(self) -> Locator:
        """The searcher for the places and cells on file."""
        return self._place.locators.get(self.store, self.config)

    def _ground(self) -> place_answers.Ground:
        try:
            view: RunView | None = self.view()
        except NotFound:
            view = None
        radio = Prediction(self.store.changed("cells", "measurements"), self._radio_world)
        return place_answers.Ground(self.memory, self.config, view, radio, self.as_of(), self.discretion)

    def _note_ticket(self, fixes: list[Candidate]) -> None:
        """Who looks up a ticket sees where its customer was: that is a read of personal data."""
        ids = {fix.complaint_id for fix in fixes} - {QUERY}
        for complaint_id in sorted(ids)[:1]:
            self.office.audit.record("lookup.ticket", complaint_id)
