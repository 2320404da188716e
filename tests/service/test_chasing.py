"""A chaser counts as a contact of the customer who waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoservice.service import Service, open_service
from geoservice.service.chasing import chased

PLACE = {"lat": 30.2041, "lon": 118.2041, "class": "NO_COVERAGE", "accepted_at": "2026-03-01T09:00:00+08:00"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Service]:
    service = open_service(f"sqlite:///{tmp_path}/desk.db", tmp_path)
    yield service
    service.close()


def customers(service: Service) -> int:
    """Distinct customers as every counting step tells them apart."""
    stored = service.store.read("complaints")
    return int(stored["customer_key"].fillna(stored["complaint_id"]).nunique())


@pytest.mark.parametrize("number", ["13800001111", None])
def test_chasers_of_a_ticket_are_contacts_of_its_customer(desk: Service, number: str | None) -> None:
    first = {**PLACE, "ticket_no": "GS-7F00AA", "text": "家里没信号"} | ({"customer_no": number} if number else {})
    desk.record_complaint(first)
    for hour, note in enumerate(("催办 GS-7F00AA", "chaser of GS-7F00AA; still nothing"), start=10):
        later = {**PLACE, "text": "还是没信号", "event_note": note, "accepted_at": f"2026-03-01T{hour}:00:00+08:00"}
        desk.record_complaint(later)
    assert len(desk.store.read("complaints")) == 3
    assert customers(desk) == 1


def test_others_stay_others(desk: Service) -> None:
    desk.record_complaint({**PLACE, "ticket_no": "GS-7F00AA", "text": "家里没信号"})
    desk.record_complaint({**PLACE, "text": "没信号", "event_note": "催办 GS-UNKNOWN"})
    desk.record_complaint({**PLACE, "text": "没信号", "customer_no": "13800002222", "event_note": "催办 GS-7F00AA"})
    desk.record_complaint({**PLACE, "text": "没信号，催了三次"})
    assert customers(desk) == 4


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("催单：TS20260001", "TS20260001"),
        ("用户催促工单号 TS2026-17。", "TS2026-17"),
        ("Chasing ticket no. 884213", "884213"),
        ("家里没信号", None),
        ("催了三次", None),
        ("", None),
    ],
)
def test_the_number_chased_is_read(text: str, number: str | None) -> None:
    assert chased(text) == number
