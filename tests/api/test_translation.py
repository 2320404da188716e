"""Every problem the API can tell has Chinese words: found by reading the sources, not by remembering them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.translation import translated

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]")
WORDS: dict[str, str] = json.loads((ROOT / "api" / "ui" / "problems.json").read_text("utf-8"))
# What is raised while a server starts, or by commands alone, never becomes a problem document.
SPOKEN = ("api/bodies.py", "api/deps.py", "api/errors.py", "api/guard.py", "api/limits.py", "api/ogc", "api/paging.py",
          "api/routes", "api/schemas.py", "geoservice/intake/columns.py", "geoservice/intake/readers",
          "geoservice/pipeline", "geoservice/service", "geoservice/siting/states.py", "geoservice/siting/proposal.py",
          "geoservice/store/jobs.py", "geoservice/store/runs.py", "geoservice/store/decisions.py",
          "geoservice/export/write.py", "geoservice/export/shapes.py", "geoservice/grid.py",
          "geoservice/locate/asked_points.py", "geoservice/diagnosis/roaming.py")  # fmt: skip
RAISED = {
    "InputError", "NotFound", "FileError", "NotEnoughData", "StateError", "Changed", "ConfigError", "HTTPException",
    "problem", "BadParameter", "ValueError",
}  # fmt: skip
# A name of a parameter beside its reason; what the operating system says; what the operator of a server is told.
NO_SENTENCE = re.compile(r"[a-z_.-]+|(?:7[:, ]*)+|7: (?:7|no .*)|route 7 declares .*")


def template(node: ast.expr) -> str | None:
    """A message with 7 in the place of everything that is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = template(node.left), template(node.right)
        return None if left is None and right is None else (left or "7") + (right or "7")
    return None


def messages() -> Iterator[tuple[str, str]]:
    for place in SPOKEN:
        path = ROOT / place
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(source.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in RAISED:
                    for text in map(template, node.args):
                        if text is not None and not NO_SENTENCE.fullmatch(text):
                            yield f"{source.relative_to(ROOT)}:{node.lineno}", text


def test_everything_that_can_be_refused_is_refused_in_chinese_too() -> None:
    found = list(messages())
    assert len(found) > 100
    assert [(where, text) for where, text in found if not HAN.search(translated(text))] == []


def test_every_place_of_a_sentence_is_filled_in_both_languages() -> None:
    for english, chinese in WORDS.items():
        places = {int(number) for number in re.findall(r"\{(\d)\}", chinese)}
        assert places <= set(range(1, english.count("{}") + 1)), english
        assert "{}" not in chinese, english
        assert "{" not in re.sub(r"\{\d\}", "", translated(english.replace("{}", "7"))), english


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("GET", "/v1/hexes?bbox=1,2,3", None, "bbox 需要四个数"),
        ("GET", "/v1/hexes?bbox=117,29,119,31&measure=x", None, "未知的指标"),
        ("GET", "/v1/hotspots/none", None, "没有热点"),
        ("GET", "/v1/hotspots?cursor=x", None, "游标"),
        ("GET", "/ogc/collections/hexes/items?bbox=1", None, "需要四个数"),
        ("GET", "/ogc/collections/hexes/items?limit=x", None, "应为整数"),
        ("GET", "/v1/jobs/none", None, "没有该任务"),
        ("POST", "/v1/what-if", {}, "至少给出一项变更"),
        ("POST", "/v1/customers/history", {}, "请只给一个"),
        ("GET", "/v1/hexes?bbox=117,29,119,31&since=2026-03-10T00:00:00Z&until=2026-03-01T00:00:00Z", None, "早于结束"),
        ("GET", "/v1/nothing", None, ""),
    ],
)
def test_refusals_over_the_wire(client: TestClient, method: str, path: str, body: object, words: str) -> None:
    answer = client.request(method, path, json=body, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code >= 400
    told = answer.json()
    assert HAN.search(told["title"])
    assert words in told.get("detail", "")
    assert answer.headers["content-language"] == "zh"
    english = client.request(method, path, json=body, headers={"Accept-Language": "en"})
    assert not HAN.search(english.text)


def test_wrong_fields_are_told_in_chinese(client: TestClient) -> None:
    body = {"lat": 100, "lon": "x", "channel": "", "unknown": 1, "direction": "up", "floor": 1.5, "text": "a" * 5000}
    answer = client.post("/v1/complaints?lang=zh", json=body)
    problems = {error["field"]: error["problem"] for error in answer.json()["errors"]}
    assert len(problems) == len(body)
    assert all(HAN.search(problem) for problem in problems.values()), problems
