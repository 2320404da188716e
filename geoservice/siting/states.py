"""The life of a site-build request: draft → submitted → approved → built, or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from geoservice.errors import InputError, StateError

STATES = ("draft", "submitted", "approved", "built", "refused")
NEXT: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "draft": ("submitted", "refused"),
        "submitted": ("approved", "refused", "draft"),
        "approved": ("built", "refused"),
        "built": (),
        "refused": ("draft",),
    }
)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state that was allowed; the columns of ``site_requests`` it sets."""

    state: str
    approver: str | None = None
    reason: str | None = None


def move(state: str, to: str, *, approver: str | None = None, reason: str | None = None) -> Move:
    """The request's new state.

    Raises
    ------
    InputError
        An unknown state, a refusal without a reason, an approval without an approver.
    StateError
        The step is not allowed from the present state.

    >>> move("draft", "submitted").state
    'submitted'
    """
    for name in (state, to):
        if name not in STATES:
            raise InputError(f"unknown state {name!r}; known: {', '.join(STATES)}", field="state")
    if to not in NEXT[state]:
        allowed = ", ".join(NEXT[state]) or "nothing"
        raise StateError(f"a request in state {state!r} can become {allowed}, not {to!r}")
    if to == "refused" and not (reason or "").strip():
        raise InputError("a refusal needs its reason", field="reason")
    if to == "approved" and not (approver or "").strip():
        raise InputError("an approval needs the approver's name", field="approver")
    return Move(to, approver, reason if to == "refused" else None)
