"""OGC API – Features: what the standard demands, and that GDAL reads the same features as the API gives."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings

COLLECTIONS = ("hotspots", "hexes", "cells", "site-requests")
GEOJSON = "application/geo+json"
EARTH = "-180,-90,180,90"


def items(client: TestClient, name: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/ogc/collections/{name}/items", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == GEOJSON
    found: dict[str, Any] = answer.json()
    return found


def link(document: dict[str, Any], rel: str) -> str | None:
    return next((item["href"] for item in document["links"] if item["rel"] == rel), None)


def test_every_link_of_the_landing_page_leads_somewhere(client: TestClient) -> None:
    landing = client.get("/ogc").json()
    assert {item["rel"] for item in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    for item in landing["links"]:
        answer = client.get(item["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == item["type"]


def test_core_is_declared(client: TestClient) -> None:
    classes = client.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson" in classes


def test_collections_describe_themselves(client: TestClient) -> None:
    found = client.get("/ogc/collections").json()["collections"]
    assert [item["id"] for item in found] == list(COLLECTIONS)
    for item in found:
        west, south, east, north = item["extent"]["spatial"]["bbox"][0]
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
        assert client.get(f"/ogc/collections/{item['id']}").json() == item


def test_counts_equal_the_api(client: TestClient) -> None:
    assert items(client, "hotspots")["numberMatched"] == len(client.get("/v1/hotspots").json())
    assert items(client, "site-requests")["numberMatched"] == len(client.get("/v1/site-requests").json())
    assert items(client, "cells")["numberMatched"] == len(client.get(f"/v1/cells?bbox={EARTH}").json())
    shown = client.get("/v1/export/hexes", params={"format": "geojson"}).json()["features"]
    assert items(client, "hexes")["numberMatched"] == len(shown)


def test_small_counts_are_withheld(client: TestClient) -> None:
    customers = [feature["properties"]["customers"] for feature in items(client, "hexes", limit=10_000)["features"]]
    assert customers
    assert min(value for value in customers if value is not None) >= 2.5


@pytest.mark.parametrize("name", COLLECTIONS)
def test_pages_add_up_without_overlap(client: TestClient, name: str) -> None:
    whole = [feature["id"] for feature in items(client, name, limit=10_000)["features"]]
    size = max(1, len(whole) // 3)
    address: str | None = f"/ogc/collections/{name}/items?limit={size}"
    walked: list[str] = []
    while address:
        page = client.get(address).json()
        assert page["numberReturned"] == len(page["features"]) <= size
        assert page["numberMatched"] == len(whole)
        walked += [feature["id"] for feature in page["features"]]
        address = link(page, "next")
    assert walked == whole
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_box_keeps_exactly_what_it_touches(client: TestClient, name: str) -> None:
    features = items(client, name, limit=10_000)["features"]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    west, south, east, north = shapely.total_bounds(shapes)
    middle = (float(west + east) / 2, float(south + north) / 2)
    box = shapely.box(west - 1, south - 1, *middle)
    expected = {feature["id"] for feature, shape in zip(features, shapes, strict=True) if shape.intersects(box)}
    found = items(client, name, bbox=f"{west - 1},{south - 1},{middle[0]},{middle[1]}", limit=10_000)
    assert {feature["id"] for feature in found["features"]} == expected
    # The same box with heights, and the rest of the Earth across the antimeridian.
    assert items(client, name, bbox=f"{west - 1},{south - 1},0,{middle[0]},{middle[1]},9")["numberMatched"] == len(
        expected
    )
    assert items(client, name, bbox=f"{east + 1},-90,{west - 1},90")["numberMatched"] == 0


@pytest.mark.parametrize("name", COLLECTIONS)
def test_each_queryable_filters(client: TestClient, name: str) -> None:
    features = items(client, name, limit=10_000)["features"]
    schema = client.get(f"/ogc/collections/{name}/queryables").json()
    assert schema["additionalProperties"] is False
    for prop in schema["properties"]:
        value = next((f["properties"][prop] for f in features if f["properties"][prop] is not None), None)
        if value is None:
            continue
        wanted = str(value).lower() if isinstance(value, bool) else value
        expected = sum(feature["properties"][prop] == value for feature in features)
        assert items(client, name, **{prop: wanted})["numberMatched"] == expected


@pytest.mark.parametrize("name", COLLECTIONS)
def test_one_feature_is_the_same_alone(client: TestClient, name: str) -> None:
    feature = items(client, name, limit=1)["features"][0]
    alone = client.get(f"/ogc/collections/{name}/items/{feature['id']}").json()
    assert {key: alone[key] for key in feature} == feature
    assert link(alone, "collection").endswith(f"/ogc/collections/{name}")  # type: ignore[union-attr]
    missing = client.get(f"/ogc/collections/{name}/items/none")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


def test_outer_rings_run_counter_clockwise(client: TestClient) -> None:
    for name in ("hotspots", "hexes"):
        for feature in items(client, name, limit=50)["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            for part in shapely.get_parts(shape):
                assert shapely.is_ccw(shapely.get_exterior_ring(part))


def test_the_period_of_hotspots(client: TestClient) -> None:
    whole = items(client, "hotspots")
    first = whole["features"][0]["properties"]
    assert items(client, "hotspots", datetime="../..")["numberMatched"] == whole["numberMatched"]
    assert items(client, "hotspots", datetime=f"{first['from']}/{first['to']}")["numberMatched"] >= 1
    assert items(client, "hotspots", datetime="../2001-01-01")["numberMatched"] == 0
    assert items(client, "hotspots", datetime=first["from"][:10])["numberMatched"] >= 1
    # Features without a time match any.
    assert items(client, "cells", datetime="../2001-01-01")["numberMatched"] == items(client, "cells")["numberMatched"]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,1,2,3", "bbox=1,5,2,3", "bbox=200,1,201,3", "limit=0", "limit=-1",
        "limit=x", "limit=1_0", "limit=１", "offset=-1", "offset=99999999999999999999",
        "datetime=yesterday", "datetime=",
        "datetime=2026-02-01/2026-01-01", "datetime=0001-01-01T00:00:00%2B14:00",
        "unknown=1", "f=html", "limit=1&limit=2", "crs=EPSG:3857",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["hotspots", "cells"])
def test_wrong_parameters_are_a_400(client: TestClient, name: str, query: str) -> None:
    answer = client.get(f"/ogc/collections/{name}/items?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_large_limit_is_cut_not_refused(client: TestClient) -> None:
    assert items(client, "cells", limit=10**9)["numberReturned"] > 0


def test_the_definition_names_every_path(client: TestClient) -> None:
    document = client.get("/ogc/api").json()
    ours = {
        path.removeprefix("/ogc") for path in client.get("/openapi.json").json()["paths"] if path.startswith("/ogc/")
    }
    assert document["openapi"].startswith("3.0")
    assert {path.replace("featureId", "feature_id") for path in document["paths"]} == ours | {"/"}


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    """GDAL fetches over HTTP: a real server."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = uvicorn.Server(uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"OAPIF:http://127.0.0.1:{port}/ogc"
    running.should_exit = True
    thread.join(10)


def read(address: str, layer: str, **options: Any) -> dict[str, Any]:
    """What GDAL makes of a layer; in a process of its own, for GDAL would hold the lock our server thread needs."""
    script = (
        "import json, sys, pyogrio\n"
        "if 'OAPIF' not in pyogrio.list_drivers(): sys.exit(77)\n"
        "options = json.loads(sys.argv[3])\n"
        "box = tuple(options.pop('bbox', ())) or None\n"
        "frame = pyogrio.read_dataframe(sys.argv[1], layer=sys.argv[2], bbox=box, **options)\n"
        "print(json.dumps([len(frame), frame.crs.geodetic_crs.name, list(frame.columns)]))\n"
    )
    command = [sys.executable, "-c", script, address, layer, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 77:
        pytest.skip("this GDAL has no OGC API driver")
    assert done.returncode == 0, done.stderr
    rows, crs, columns = json.loads(done.stdout)
    return {"rows": rows, "crs": crs, "columns": set(columns)}


@pytest.mark.parametrize("name", COLLECTIONS)
def test_gdal_reads_every_collection(client: TestClient, address: str, name: str) -> None:
    frame = read(address, name)
    whole = items(client, name, limit=10_000)
    assert frame["rows"] == whole["numberMatched"]
    assert "84" in frame["crs"]
    assert frame["columns"] >= set(whole["features"][0]["properties"]) - {"id"}


def test_gdal_hands_boxes_and_filters_on(client: TestClient, address: str) -> None:
    west, south, east, north = client.get("/ogc/collections/cells").json()["extent"]["spatial"]["bbox"][0]
    box = [west, south, (west + east) / 2, (south + north) / 2]
    inside = read(address, "cells", bbox=box)["rows"]
    assert 0 < inside == items(client, "cells", bbox=",".join(map(str, box)))["numberMatched"]
    rows = read(address, "hexes", where="class_group = 'all'")["rows"]
    assert 0 < rows == items(client, "hexes", class_group="all")["numberMatched"]
