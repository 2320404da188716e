"""Who read what about a customer, and who changed what: written before the answer goes out, and checked as a whole."""

from __future__ import annotations

import hmac
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa

from geoservice import intake
from geoservice.errors import StateError
from geoservice.service.actor import current
from geoservice.store.database import Database
from geoservice.store.trail import Trail

HEAD_FILE = "audit.head"
_MOST = 1000
_MAX_TEXT = 200
NOT_AUDITED = "not-audited"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk over the log found: ``broken_at`` is the first row that cannot be trusted, None when all can."""

    rows: int
    broken_at: int | None
    problem: str | None


class Audit:
    """The audit log of one deployment.

    The newest row's number and hash are also kept in a file (``audit.head``) in the data folder: who cuts rows
    off the end of the table must change that file too.
    """

    def __init__(self, registry: Database, folder: Path) -> None:
        self._head = folder / HEAD_FILE
        self._key = hmac.digest(intake.privacy.load_secret(folder), b"audit", "sha256")
        self._lock, self._noted = Lock(), 0
        self._trail = Trail(registry, self._key, self._note)

    def record(self, action: str, subject: str | None = None, **detail: Any) -> None:
        """Enter what the present actor does; ``subject`` and ``detail`` hold ids and codes, never personal data."""
        actor = current()
        kept = {name: _short(value) for name, value in detail.items() if value is not None}
        self._trail.append(
            datetime.now(UTC), actor.name, actor.role or "", actor.via, actor.address, action, _short(subject), kept
        )

    def record_change(self, action: str, subject: str | None = None, **detail: Any) -> None:
        """The same of a change that is stored already: a failure says so, lest it be made twice.

        Raises
        ------
        StateError
            It could not be entered (code ``not-audited``).
        """
        try:
            self.record(action, subject, **detail)
        except (sa.exc.DBAPIError, OSError, StateError) as error:
            raise StateError(
                "it is stored, but could not be entered in the audit log: do not send it again, tell an administrator",
                code=NOT_AUDITED,
            ) from error

    def entries(
        self,
        limit: int = 100,
        before: int | None = None,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> list[dict[str, Any]]:
        """Entries, newest first."""
        wanted = {"actor": actor, "action": action, "subject": subject}
        equal = {name: value for name, value in wanted.items() if value is not None}
        return [asdict(entry) for entry in self._trail.entries(min(limit, _MOST), before, **equal)]

    def verify(self) -> Verified:
        """Walk the whole chain against the noted head."""
        rows, broken, problem = self._trail.broken_at(self._known())
        return Verified(rows, broken or None, problem)

    def _known(self) -> tuple[int, str] | None:
        try:
            number, _, hash_ = self._head.read_text("ascii").strip().partition(" ")
            return int(number), hash_
        except FileNotFoundError:
            # A log without its head file has lost it, unless nothing was ever written.
            return None if self._trail.head()[0] == 0 else (self._trail.head()[0] + 1, "")
        except ValueError:
            return self._trail.head()[0] + 1, ""

    def _note(self, seq: int, hash_: str) -> None:
        # After the commit: a crash in between leaves the note behind the log, which is no reason for alarm.
        with self._lock:
            if seq <= self._noted:
                return
            aside = self._head.with_suffix(f".{os.getpid()}.tmp")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{seq} {hash_}\n")
            aside.replace(self._head)
            self._noted = seq


def _short(value: Any) -> Any:
    return value[:_MAX_TEXT] if isinstance(value, str) else value
