"""The command line as a user meets it: answers, JSON, one-sentence errors, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "geoservice.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)


def answer(*arguments: str | Path) -> Any:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert words in done.stderr.replace("\n", " ")


def test_hotspots_lookup_actions_and_evaluate_answer_json(town_database: str, town_files: Path) -> None:
    where = ("--database", town_database, "--json")
    spots = answer("hotspots", *where)
    assert spots[0]["rank"] == 1
    place = answer("lookup", f"{spots[0]['lat']},{spots[0]['lon']}", *where)
    assert place["hotspot"]["id"]
    assert {item["action"] for item in answer("actions", *where)} >= {spots[0]["actions"][0]["action"]}
    score = answer("evaluate", town_files / "truth.json", *where)
    assert score["found"] <= score["planted"]


@pytest.mark.parametrize("suffix", ["xlsx", "geojson", "csv", "gpkg", "kml", "parquet"])
def test_exports_are_written_whole(town_database: str, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"hotspots.{suffix}"
    done = run("export", "hotspots", target, "--database", town_database)
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > 200
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_the_map_is_one_file(town_database: str, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    assert run("map", target, "--database", town_database).returncode == 0
    assert target.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    refused(run("map", tmp_path / "none" / "map.html", "--database", town_database), "does not exist")


def test_classify_answers_a_text_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("信号只有一格\nmy broadband is down\n", "utf-8")
    done = run("classify", file, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["primary"] for row in rows] == ["WEAK_SIGNAL", "NON_NETWORK"]
    assert {"primary", "secondary", "tags", "confidence", "evidence"} <= rows[0].keys()
    assert json.loads(run("classify", "信号只有一格", "--json").stdout)["evidence"]


def test_scan_reproduces_the_published_clusters(shared: Path, tmp_path: Path) -> None:
    """New York leukaemia: Kulldorff's scan as published with SaTScan 9.6 (see the reference data)."""
    folder = shared / "data" / "reference" / "ny_leukemia"
    read = {
        name: [line.split() for line in (folder / f"{name}.txt").read_text().splitlines()]
        for name in ("cases", "coords", "pop")
    }
    rows = [
        f"{c[0]},{x[1]},{x[2]},{int(float(c[1]))},{p[2]}"
        for c, x, p in zip(read["cases"], read["coords"], read["pop"], strict=True)
    ]
    file = tmp_path / "ny.csv"
    file.write_text("id,x,y,cases,population\n" + "\n".join(rows) + "\n")
    published = json.loads((folder.parent / "published_answers.json").read_text())["ny_leukemia"]["answers"]
    found = answer("scan", "--cases", file, "--max-share", "0.5", "--replicas", "99", "--cartesian", "--json")[
        "clusters"
    ]
    for mine, theirs in zip(found, published[:2], strict=False):
        assert mine["llr"] == pytest.approx(theirs["llr"], abs=5e-7)
        assert sorted(map(int, mine["members"])) == sorted(theirs["members"])
        assert mine["cases"] == theirs["cases"]


def test_site_covers_and_keeps_its_distance(tmp_path: Path) -> None:
    (tmp_path / "demand.csv").write_text("x,y,traffic\n" + "\n".join(f"{10 * i},0,1" for i in range(30)) + "\n")
    (tmp_path / "existing.csv").write_text("x,y\n1000,1000\n")
    (tmp_path / "types.toml").write_text("[macro]\nradius = 30\ncost = 10\n[micro]\nradius = 10\ncost = 1\n")
    plan = answer(
        "site", "--demand", tmp_path / "demand.csv", "--existing", tmp_path / "existing.csv",
        "--types", tmp_path / "types.toml", "--target-share", "0.9", "--spacing", "10", "--json",
    )  # fmt: skip
    assert plan["covered_share"] >= 0.9
    assert plan["cost"] == pytest.approx(sum({"macro": 10, "micro": 1}[site["type"]] for site in plan["sites"]))
    assert plan["bound"] <= plan["cost"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lookup", "x" * 400), "300 characters"),
        (("hotspots", "--run", "R-none"), "R-none"),
        (("hotspots", "--language", "fr"), "zh or en"),
        (("export", "everything", "x.csv"), "everything"),
        (("import", "nonsense", "x.csv"), "nonsense"),
        (("import", "cells", "/does/not/exist.csv"), "exist"),
        (("import", "cells", "http://127.0.0.1:9/x.csv"), "never a URL"),
        (("analyse", "--since", "yesterday"), "yesterday"),
        (("analyse", "--engine", "spark"), "spark"),
        (("evaluate", "none.json"), "none.json"),
    ],
)
def test_errors_are_one_sentence(town_database: str, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    refused(run(*arguments, "--database", town_database, cwd=tmp_path), words)


def test_an_action_is_followed_up(town_database: str) -> None:
    plans = answer("actions", "--database", town_database, "--json")
    action = next(item for item in plans if item["action"] not in {"A01", "A02", "A19"})
    found = answer("verify", action["action_id"], "--done", "2026-03-20", "--database", town_database, "--json")
    assert found["verdict"] in {"solved", "not solved", "not enough data"}
    assert found["sentence_en"]
    refused(run("verify", "H9999-A07", "--done", "2026-03-20", "--database", town_database), "H9999-A07")
    refused(
        run("verify", action["action_id"], "--done", "2090-01-01", "--database", town_database), "before the data end"
    )


def test_what_if_counts_customers(town_database: str, tmp_path: Path) -> None:
    cell = answer("hotspots", "--database", town_database, "--json")[0]
    place = answer("lookup", f"{cell['lat']},{cell['lon']}", "--database", town_database, "--json")
    found = answer("what-if", "--off", place["serving"][0]["cgi"], "--database", town_database, "--json")
    assert found["hexes"]
    refused(run("what-if", "--change", "nonsense", "--database", town_database), "CGI:FIELD=NUMBER")
    spot = f"{cell['lat']},{cell['lon']},micro"
    found = answer("what-if", "--site", spot, "--map", str(tmp_path / "w.html"), "--database", town_database, "--json")
    assert found["new_cells"]
    page = (tmp_path / "w.html").read_text("utf-8")
    assert page.count("<svg") == 4, "before, after, legend, levels"
    assert "default-src 'none'" in page
    far = run("what-if", "--site", "-33.9,151.2,micro", "--language", "en", "--database", town_database)
    assert "no customers are known within reach" in far.stdout
    refused(run("what-if", "--site", "1,2,3", "--database", town_database), "cannot be tried outdoors")
    refused(run("what-if", "--site", spot, "--map", "w.pdf", "--database", town_database), ".html")


def test_a_dry_run_for_people_is_tables_without_numbers(tmp_path: Path) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text(
        "工单号,受理时间,用户号码,投诉内容,地址,备用\nT1,2026-03-04,13999999999,没信号13999999999,A路,x\nT2,x,,,,\n",
        "utf-8",
    )
    done = run("import", "complaints", file, "--dry-run")
    assert done.returncode == 0, done.stderr
    for word in ("用户号码", "customer_no", "left out", "A路", "[phone]", "not-a-time", "Nothing was stored"):
        assert word in done.stdout
    assert "13999999999" not in done.stdout
    assert run("import", "complaints", file, "--dry-run", "--strict").returncode == 1


def test_a_dry_run_stores_nothing(town_files: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/geo.db"
    shown = answer("import", "complaints", town_files / "complaints.csv", "--dry-run", "--database", database, "--json")
    assert shown["mapping"]
    assert len(shown["rows"]) == len(shown["typed"]) == 10
    assert shown["read"] == shown["taken"] + shown["rejected"] + shown["duplicates"]
    assert shown["rejects_file"] is None
    assert shown["seconds"] > 0
    assert not (tmp_path / "geo.db").exists()


def test_a_mistyped_file_name_is_not_a_complaint(tmp_path: Path) -> None:
    refused(run("classify", "texts.txt", cwd=tmp_path), "no such file")


def test_help_is_quick_to_read() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in (
        "simulate",
        "import",
        "analyse",
        "lookup",
        "hotspots",
        "actions",
        "map",
        "export",
        "serve",
        "evaluate",
    ):
        assert command in done.stdout
