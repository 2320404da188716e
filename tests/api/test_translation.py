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
from geoservice.service.steps import told

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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"customer_no": "nobody"}, "不是电话号码"),
        ({"accepted_at": "1970-01-01T00:00:00Z"}, "年份不在 1980"),
        ({"lat": 0, "lon": 0}, "占位值"),
        ({"lat": None, "lon": None}, "不知在何处"),
        ({"text": " "}, "不知是什么问题"),
        ({"occurred_from": "2026-03-05T00:00:00Z", "accepted_at": "2026-03-01T00:00:00Z"}, "晚于受理时间"),
    ],
)
def test_a_complaint_that_is_refused_says_why_in_chinese(
    client: TestClient, changes: dict[str, object], words: str
) -> None:
    body = {"text": "没信号", "lat": 30.2, "lon": 118.1, **changes}
    answer = client.post("/v1/complaints?lang=zh", json=body)
    assert answer.status_code == 422
    assert words in answer.text


def test_every_step_the_work_names_is_named_in_both_languages() -> None:
    said = set()
    for source in (ROOT / "geoservice").rglob("*.py"):
        if "simulate" in source.parts or "points" in source.parts:
            continue
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "progress":
                said |= {text for text in map(template, node.args[-1:]) if text}
    assert len(said) > 8
    assert [text for text in sorted(said) if told(text, "zh")[0] is None] == []
    assert not any(HAN.search(told(text, "en")[1] or "") for text in said)
    assert all(HAN.search(told(text, "zh")[1] or "") for text in said)
