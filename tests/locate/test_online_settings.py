"""Online geocoders are switched on by configuration only, and then the whole service uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoservice.errors import ConfigError
from geoservice.locate import OnlineSettings, online_settings
from geoservice.locate.online import OnlineGeocoder
from geoservice.service import open_service
from tests.locate.test_online import Server, server, settings

__all__ = ["server"]
ANSWER = b'[{"lat": "30.6600", "lon": "104.0600", "display_name": "Somewhere Road", "boundingbox": null}]'


def test_nothing_is_on_unless_said() -> None:
    assert online_settings({}) is None
    assert online_settings({"GEOSERVICE_GEOCODER": " "}) is None


def test_every_setting_is_read() -> None:
    found = online_settings({
        "GEOSERVICE_GEOCODER": "Nominatim", "GEOSERVICE_GEOCODER_URL": "http://geo.intra:8080/nominatim/",
        "GEOSERVICE_GEOCODER_KEY": "k", "GEOSERVICE_GEOCODER_PER_S": "20", "GEOSERVICE_GEOCODER_TIMEOUT_S": "2",
        "GEOSERVICE_GEOCODER_PRIVATE_HOSTS": "geo.intra, 10.0.0.5",
    })  # fmt: skip
    assert found == OnlineSettings(
        "nominatim", "geo.intra:8080/nominatim", "http", "k", per_second=20.0, timeout_s=2.0,
        allowed_hosts=frozenset({"geo.intra", "10.0.0.5"}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEOSERVICE_GEOCODER", "gurgle"),
        ("GEOSERVICE_GEOCODER_URL", "ftp://x"),
        ("GEOSERVICE_GEOCODER_URL", "https://me:secret@x"),
        ("GEOSERVICE_GEOCODER_PER_S", "0"),
        ("GEOSERVICE_GEOCODER_PER_S", "nan"),
        ("GEOSERVICE_GEOCODER_TIMEOUT_S", "an hour"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        online_settings({"GEOSERVICE_GEOCODER": "photon", name: value})


def test_a_look_up_asks_the_service_that_was_configured(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.body = ANSWER
    url = f"sqlite:///{tmp_path}/geo.db"
    silent = open_service(url)
    assert silent.lookup("Somewhere Road 5")["fixes"] == []
    silent.close()
    assert server.hits == 0
    for name, value in {
        "": "nominatim", "_URL": f"http://127.0.0.1:{server.server_port}", "_PRIVATE_HOSTS": "127.0.0.1",
        "_PER_S": "1000",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"GEOSERVICE_GEOCODER{name}", value)
    service = open_service(url)
    (found,) = service.lookup("Somewhere Road 5")["fixes"]
    assert (found["source"], found["lat"], found["lon"]) == ("online", 30.66, 104.06)
    service.close()


def test_a_telephone_number_never_leaves_the_house(server: Server) -> None:
    server.body = ANSWER
    found = OnlineGeocoder(settings(server)).find(["13812345678", "call 138 1234 5678 at Hill Road", "Hill Road"])
    assert found["code"].tolist() == [2]
    assert server.hits == 1
