from __future__ import annotations

from itertools import product

import pytest

from geoservice.errors import InputError, StateError
from geoservice.siting.states import NEXT, STATES, move


@pytest.mark.parametrize(("state", "to"), list(product(STATES, STATES)))
def test_only_the_drawn_steps_are_allowed(state: str, to: str) -> None:
    if to in NEXT[state]:
        assert move(state, to, approver="A", reason="R").state == to
    else:
        with pytest.raises(StateError):
            move(state, to, approver="A", reason="R")


def test_built_is_final_and_every_state_is_reachable() -> None:
    assert NEXT["built"] == ()
    assert {to for options in NEXT.values() for to in options} | {"draft"} == set(STATES)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_refusal_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(InputError, match="reason"):
        move("submitted", "refused", reason=reason)


def test_an_approval_needs_an_approver() -> None:
    with pytest.raises(InputError, match="approver"):
        move("submitted", "approved")


def test_unknown_states_are_named() -> None:
    with pytest.raises(InputError, match="lost"):
        move("draft", "lost")
