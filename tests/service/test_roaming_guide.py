"""The roaming flows of the handbook (section 6), walked as the desk does."""

from __future__ import annotations

import pytest

from geoservice.errors import InputError
from geoservice.service import roaming_guide


def walk(card: str, reply: dict[str, str], country: str | None = None) -> tuple[list[str], dict[str, object]]:
    """Questions asked in turn, and where the flow ends."""
    asked: list[str] = []
    while True:
        step = roaming_guide.step(card, {name: reply.get(name, "yes") for name in asked}, country)
        if not step["open"]:
            return asked, step
        asked.append(str(step["ask"]))


def test_a_card_that_was_left_in_the_wrong_slot() -> None:
    asked, end = walk("dual_mode", {"card_in_g_slot": "no"})
    assert (asked, end["cause"]) == (["card_in_g_slot"], "K_ROAM_SLOT")


def test_cards_of_today_have_no_slot_to_ask_about() -> None:
    asked, end = walk("normal", {"international_service": "no"})
    assert asked == ["manual_choice", "works_at_home", "international_service"]
    assert end["cause"] == "K_ROAM_CRM"
    assert "漫游" in str(end["say_zh"])


def test_a_prl_card_walks_to_the_foreign_network() -> None:
    asked, end = walk("single_mode", {"vpn_service": "no"})
    assert asked == [
        "partner_coverage", "works_at_home", "prl_updated", "international_service", "home_configuration",
        "vpn_service",
    ]  # fmt: skip
    assert end["cause"] == "K_ROAM_FOREIGN"


@pytest.mark.parametrize("country", ["KR", "韩国", " south korea "])
def test_pitfalls_of_the_country_are_told(country: str) -> None:
    told = " ".join(str(one) for one in roaming_guide.step("normal", {}, country)["pitfalls"])
    assert "SKT" in told
    assert "Sprint" not in told


def test_unknown_flows_and_questions_are_refused() -> None:
    with pytest.raises(InputError, match="card type"):
        roaming_guide.step("esim", {})
    with pytest.raises(InputError, match="does not ask"):
        roaming_guide.step("sms", {"card_in_g_slot": "yes"})
