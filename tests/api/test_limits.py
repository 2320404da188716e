"""How much one address may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.limits import Buckets, principal
from api.main import create_app
from api.settings import Settings, from_environment


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(2.0, 3, clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == pytest.approx(0.5)
    assert buckets.take("b") == 0
    clock.now = 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


@given(steps=st.lists(st.floats(0, 5), min_size=1, max_size=60), rate=st.floats(0.1, 10), burst=st.integers(1, 20))
def test_no_pattern_of_asking_gets_more_than_burst_and_rate(steps: list[float], rate: float, burst: int) -> None:
    clock = Clock()
    buckets = Buckets(rate, burst, clock)
    taken = 0
    for step in steps:
        clock.now += step
        taken += sum(buckets.take("a") == 0 for _ in range(5))
    assert taken <= burst + rate * clock.now + 1e-6


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    buckets = Buckets(1.0, 1)
    for number in range(20_000):
        buckets.take(str(number))
    assert len(buckets._levels) <= 10_000


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
    ],
)
def test_whose_bucket(host: str, name: str) -> None:
    assert principal({"client": (host, 1)}) == name
    assert principal({"client": None}) == "unknown"


def test_49_too_many_requests_are_told_when_to_come_back(settings: Settings) -> None:
    tight = replace(settings, rate_per_s=0.01, rate_burst=3)
    with TestClient(create_app(tight), base_url="http://127.0.0.1:8000") as client:
        answers = [client.get("/v1/status", headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 100
        assert refused.headers["x-content-type-options"] == "nosniff"
        # A health check must not fail because someone else asks too much.
        assert client.get("/healthz").status_code == 200


def test_wrong_keys_are_limited_too(settings: Settings) -> None:
    guarded = replace(settings, host="0.0.0.0", api_key="k" * 32, rate_per_s=0.01, rate_burst=2)
    with TestClient(create_app(guarded)) as client:
        states = [client.get("/v1/status", headers={"Authorization": "Bearer wrong"}).status_code for _ in range(4)]
    assert states == [401, 401, 429, 429]


def test_49_guessing_keys_is_stopped_and_locks_nobody_out(settings: Settings) -> None:
    guarded = replace(settings, host="0.0.0.0", api_key="k" * 32)
    with TestClient(create_app(guarded)) as client:
        answers = [client.get("/v1/status", headers={"Authorization": f"Bearer {n}"}) for n in range(30)]
        assert [answer.status_code for answer in answers[:20]] == [401] * 20
        assert answers[-1].status_code == 429
        assert answers[-1].json()["status"] == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert client.get("/v1/status", headers={"Authorization": f"Bearer {'k' * 32}"}).status_code == 200


def test_limits_come_from_the_environment() -> None:
    settings = from_environment({"GEOSERVICE_RATE_PER_S": "5", "GEOSERVICE_RATE_BURST": "7"})
    assert (settings.rate_per_s, settings.rate_burst) == (5.0, 7)
