"""Decisions on site-build requests, and the events of every subject."""

from __future__ import annotations

from typing import Any

import orjson
import pandas as pd
import sqlalchemy as sa

from geoservice.errors import Changed, NotFound
from geoservice.store import request_ledger
from geoservice.store.database import QUICK_WAIT_S
from geoservice.store.ledger import record_event
from geoservice.store.reading import Reading
from geoservice.store.times import from_us


class Decisions(Reading):
    """What people decided, each step with its event."""

    def set_request_state(
        self,
        run_id: str,
        request_no: str,
        state: str,
        reason: str | None,
        approver: str | None,
        expected: str | None = None,
    ) -> None:
        """Record a decision on a site-build request together with its event; it outlasts the run.

        Raises
        ------
        Changed
            The request is not (any more) in the ``expected`` state.
        """
        requests = self._tables["site_requests"]
        match = (requests.c.run_id == run_id, requests.c.request_no == request_no)
        with self.database.writing(QUICK_WAIT_S) as connection:
            request_ledger.wait_turn(connection, self._tables)
            found = connection.execute(sa.select(requests.c.state).where(*match).with_for_update()).scalar()
            if found is None:
                raise NotFound(f"there is no site-build request {request_no!r}", field="request_no")
            if expected not in (None, found):
                raise Changed(f"the request has become {found} meanwhile; read it again", field="state")
            values = {"state": state, "reason": reason, "approver": approver}
            request_ledger.decide(connection, self._tables, run_id, request_no, values)
            detail = {"run": run_id, **values}
            record_event(connection, self._tables["events"], request_no, "request-state", detail)

    def known_requests(self) -> pd.DataFrame:
        """Every site-build request ever made, with what was decided (:data:`request_ledger.COLUMNS`)."""
        with self.database.reading() as connection:
            return request_ledger.known_requests(connection, self._tables)

    def record_event(self, subject: str, kind: str, detail: dict[str, Any]) -> None:
        """Append to the ledger of events."""
        with self.database.writing() as connection:
            record_event(connection, self._tables["events"], subject, kind, detail)

    def events(self, subject: str) -> list[dict[str, Any]]:
        """Events of one subject, oldest first."""
        events = self._tables["events"]
        query = sa.select(events).where(events.c.subject == subject).order_by(events.c.at)
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [{**row, "at": from_us(row["at"]), "detail": orjson.loads(row["detail"])} for row in rows]
