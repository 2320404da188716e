"""Coverage of a point and footprint of a cell over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

BOX = "100,0,140,60"


def some_cell(client: TestClient) -> dict:
    return next(cell for cell in client.get(f"/v1/cells?bbox={BOX}").json() if cell["rat"] in {"LTE", "NR"})


def test_a_footprint_has_equal_lists_and_the_state_of_the_parameters(client: TestClient) -> None:
    cell = some_cell(client)
    answer = client.get(f"/v1/cells/{cell['cgi']}/footprint", params={"resolution": 9})
    assert answer.status_code == 200
    found = answer.json()
    assert found["resolution"] == 9
    assert found["parameters"] in {"full", "usual", "assumed", "distance"}
    assert len({len(found[name]) for name in ("hexes", "rsrp_dbm", "is_best", "behind_db", "distance_m")}) == 1


def test_unknown_cells_are_404_and_resolutions_are_bounded(client: TestClient) -> None:
    assert client.get("/v1/cells/nowhere/footprint").status_code == 404
    assert client.get("/v1/cells/nowhere/footprint", params={"resolution": 15}).status_code == 422


def test_a_point_tells_both_sides_of_the_wall_spread_and_source(client: TestClient) -> None:
    cell = some_cell(client)
    found = client.get("/v1/coverage", params={"lat": cell["lat"] + 0.001, "lon": cell["lon"]}).json()["coverage"]
    assert found["indoor"]["rsrp_dbm"] < found["rsrp_dbm"]
    assert found["indoor"]["sigma_db"] > found["sigma_db"]
    assert found["basis"] in {"measured", "blended", "predicted", "assumed"}
    assert found["parameters"] in {"full", "usual", "assumed", "distance"}
    assert found["model"] in {"uma", "umi", "rma", "distance"}
