"""Layers of the map: alarms, gravest first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from geoservice.config import default_config
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.service import layers
from geoservice.service.hex_view import Window
from geoservice.store import Store

CELLS = "cgi,site_id,lat,lon,rat\n460-00-1-1,S1,30.60,104.00,LTE\n460-00-2-1,S2,30.61,104.01,LTE\n"
ALARMS = (
    "object_key,raised_at,cleared_at,severity,code,name,service_affecting\n"
    "460-00-1-1,2026-03-04T08:00:00Z,,critical,1,cell out of service,true\n"
    "460-00-1-1,2026-03-04T11:00:00Z,,minor,2,fan,true\n"
    "460-00-2-1,2026-03-04T11:30:00Z,,major,3,link,false\n"
    "460-00-2-1,2026-03-03T11:30:00Z,2026-03-03T12:00:00Z,critical,4,power,true\n"
)


def test_the_gravest_active_alarm_comes_first(tmp_path: Path) -> None:
    """The map paints a place in the colour of its first alarm: a later fan alarm must not hide an outage."""
    store = Store(f"sqlite:///{tmp_path}/geo.db")
    place = Workplace(store, tmp_path, default_config(), LocatorCache())
    for table, text in (("cells", CELLS), ("alarms", ALARMS)):
        path = tmp_path / f"{table}.csv"
        path.write_text(text, "utf-8")
        assert import_file(place, table, path, ImportOptions()).rejected == 0
    found = layers.alarms(store, Window(30, 103, 31, 105), datetime(2026, 3, 4, 12, tzinfo=UTC))
    assert [(one["code"], one["active"]) for one in found] == [("1", True), ("3", True), ("2", True), ("4", False)]
    store.close()
