"""Sends requests made up from the OpenAPI document, half of them wrong on purpose, to the application in this process.

    python tests/bench/check_openapi.py [--cases 20000] [--seed 0] [--slice 0/1] [--database sqlite:///…/geo.db]

A server error, a status, media type or shape that is not described, or a wrong request that was taken is a finding.
Findings are printed with the request that shows them; exit code 1 if there are any. Without a database a simulated
town is analysed first; a given one is copied, nothing is written to it. Jobs are queued and never begun.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

ROOT = Path(__file__).resolve().parents[2]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KEY = "contract-" + "k" * 32
HEADERS = {"Authorization": f"Bearer {KEY}"}
# A plan, a prediction or a file costs seconds; their parameters are few.
SLOW = {"/v1/site-plan", "/v1/what-if", "/v1/view", "/v1/export/{what}"}
SLOW_SHARE = 0.15
TIMEOUT_S = 600
MAKES_JOBS = {"/v1/runs", "/v1/complaints/import", "/v1/imports/{table}"}


def main() -> int:
    """Run, print, and say by the exit code whether all is well."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="openapi-") as folder:
        app = _application(_copied(asked.database, Path(folder)))
        with asgi.get_client(app) as client:
            return _report(*_all(schemathesis.openapi.from_asgi("/openapi.json", app, headers=HEADERS), client, asked))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slice", default="0/1", help="K/N: every N-th route, beginning with the K-th")
    parser.add_argument("--database", default=None)
    return parser.parse_args()


def _copied(url: str | None, folder: Path) -> str:
    if url is None:
        return _town(folder)
    original = Path(url.removeprefix("sqlite:///"))
    for path in original.parent.iterdir():
        if path.is_file() and path.name.startswith((original.stem, "secret", "audit")):
            shutil.copy2(path, folder / path.name)
    return f"sqlite:///{folder / original.name}"


def _town(folder: Path) -> str:
    from api.command import load_sample
    from geoservice.service import open_service
    from geoservice.simulate import write_city

    write_city(folder / "files", seed=7, size="town")
    url = f"sqlite:///{folder}/geo.db"
    service = open_service(url)
    load_sample(service, folder / "files")
    service.close()
    return url


def _application(database: str) -> Any:
    from api.main import create_app
    from api.routes import imports
    from api.settings import Settings
    from geoservice.service import jobs

    # Nobody works: jobs are entered, shown and cancelled, and nothing waits for them.
    jobs.launch = lambda environment: SimpleNamespace(poll=lambda: None)  # type: ignore[assignment]
    imports._WAIT_S = imports._LONGEST_WAIT_S = 0.0
    return create_app(Settings(database=database, rate_per_s=0, allowed_hosts=("testserver", asgi.HOST), api_key=KEY))


def _all(document: Any, client: Any, asked: argparse.Namespace) -> tuple[Counter[str], dict[str, str]]:
    number, of = (int(part) for part in asked.slice.split("/"))
    operations = [found.ok() for found in document.get_all_operations()]
    share = asked.cases / sum(SLOW_SHARE if op.path in SLOW else 1.0 for op in operations)
    statuses: Counter[str] = Counter()
    findings: dict[str, str] = {}
    for operation in operations[number::of]:
        begun, before = time.process_time(), sum(statuses.values())
        for mode in GenerationMode:
            count = max(2, round(share * (SLOW_SHARE if operation.path in SLOW else 1.0) / 2))
            _probe(operation, mode, count, client, document.app, asked.seed, statuses, findings)
        done = sum(statuses.values()) - before
        print(f"{operation.label:<58}{done:>6}  {time.process_time() - begun:>6.1f} s", flush=True)
    return statuses, findings


def _probe(
    operation: Any,
    mode: GenerationMode,
    count: int,
    client: Any,
    app: Any,
    number: int,
    statuses: Counter[str],
    findings: dict[str, str],
) -> None:
    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if operation.path in MAKES_JOBS:
            _empty_queue(app)
        try:
            response = case.call(session=client, headers=HEADERS, timeout=TIMEOUT_S)
        except Exception as error:  # what would be a 500 comes through here as it was raised
            statuses["500"] += 1
            findings.setdefault(
                f"{operation.label}: {type(error).__name__}", f"{error}\n{case.as_curl_command()}"[:1500]
            )
            return
        statuses[str(response.status_code)] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (FailureGroup, Failure) as failure:
            kind = f"{operation.label} {response.status_code}: {str(failure).splitlines()[0]}"
            findings.setdefault(kind, f"{failure}\n{case.as_curl_command()}"[:1500])

    try:
        ask()
    except Exception as error:  # a route that takes nothing cannot be asked wrongly
        if type(error).__name__ not in {"Unsatisfiable", "Unsatisfied"}:
            findings[f"{operation.label}: {type(error).__name__}"] = str(error)[:1500]


def _empty_queue(app: Any) -> None:
    from geoservice.service import Actor, Role, acting

    jobs = app.state.service.jobs
    waiting = [job.job_id for job in jobs.jobs(limit=25) if job.state == "queued"]
    # A few stay, so that there is something to show and to cancel.
    with acting(Actor("local", Role.ADMIN, "local")):
        for job_id in waiting[:-3] if len(waiting) > 15 else []:
            jobs.cancel(job_id)


def _report(statuses: Counter[str], findings: dict[str, str]) -> int:
    print(f"\n{sum(statuses.values()):,} requests: {dict(sorted(statuses.items()))}")
    for kind, shown in findings.items():
        print(f"\n{kind}\n{shown}")
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
