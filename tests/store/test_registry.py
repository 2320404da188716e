"""People, audit log and queue of jobs, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from geoservice.errors import InputError, NotFound, StateError
from geoservice.service.access import Access
from geoservice.service.actor import Actor, acting
from geoservice.service.audit import HEAD_FILE, Audit
from geoservice.service.roles import Role
from geoservice.store import Database, Store
from geoservice.store import jobs as queue
from geoservice.store.jobs import JobRows
from geoservice.store.people import People
from geoservice.store.registry import open_registry

PASSWORD = "correct horse battery 7"


@pytest.fixture
def registry(store: Store) -> Iterator[Database]:
    opened = open_registry(store.database)
    yield opened
    opened.close()


@pytest.fixture
def access(registry: Database) -> Access:
    return Access(People(registry))


@pytest.fixture
def audit(registry: Database, tmp_path: Path) -> Audit:
    return Audit(registry, tmp_path)


@pytest.fixture
def rows(registry: Database) -> JobRows:
    return JobRows(registry)


# --- people ---------------------------------------------------------------------------------


def test_a_session_is_what_a_right_password_opens(access: Access) -> None:
    access.add_user("anna", "handler", PASSWORD)
    token = access.log_in("anna", PASSWORD)
    assert token is not None
    actor = access.of_session(token)
    assert actor is not None
    assert (actor.name, actor.role) == ("anna", Role.HANDLER)
    assert access.log_in("anna", PASSWORD + "x") is None
    assert access.log_in("nobody", PASSWORD) is None
    access.log_out(token)
    assert access.of_session(token) is None


def test_who_is_disabled_is_out_at_once(access: Access) -> None:
    access.add_user("anna", "handler", PASSWORD)
    token = access.log_in("anna", PASSWORD)
    access.disable_user("anna")
    assert access.of_session(str(token)) is None
    assert access.log_in("anna", PASSWORD) is None


def test_another_password_ends_the_sessions_of_the_old_one(access: Access) -> None:
    access.add_user("anna", "handler", PASSWORD)
    token = access.log_in("anna", PASSWORD)
    access.set_password("anna", PASSWORD + " new")
    assert access.of_session(str(token)) is None
    assert access.log_in("anna", PASSWORD) is None
    assert access.log_in("anna", PASSWORD + " new") is not None


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        ("Anna", "handler", PASSWORD),
        ("a b", "handler", PASSWORD),
        ("", "handler", PASSWORD),
        ("anna", "king", PASSWORD),
        ("anna", "handler", "short"),
        ("anna", "handler", "a" * 20),
        ("anna", "handler", "anna anna 1234 5678"),
        ("anna", "handler", "x" * 500),
    ],
)
def test_unusable_people_are_refused(access: Access, name: str, role: str, password: str) -> None:
    with pytest.raises(InputError):
        access.add_user(name, role, password)
    assert not access.anyone()


def test_nothing_that_lets_in_is_stored(access: Access, registry: Database) -> None:
    access.add_user("anna", "handler", PASSWORD)
    token = access.log_in("anna", PASSWORD)
    _, key = access.add_key("qgis", "planner")
    stored = ""
    with registry.reading() as connection:
        for name in ("users", "sessions", "keys"):
            stored += str(connection.execute(sa.select(registry.metadata.tables[name])).all())
    assert "$argon2id$" in stored
    assert not any(secret in stored for secret in (PASSWORD, str(token), key))


def test_a_key_lets_in_until_it_is_revoked(access: Access) -> None:
    key_id, key = access.add_key("qgis", "planner")
    actor = access.of_key(key)
    assert actor is not None
    assert actor.role is Role.PLANNER
    assert access.of_key(key[:-1] + ("A" if key[-1] != "A" else "B")) is None
    access.revoke_key(key_id)
    assert access.of_key(key) is None
    with pytest.raises(NotFound):
        access.revoke_key(key_id)


def test_a_key_ends_with_its_days(access: Access, registry: Database) -> None:
    key_id, key = access.add_key("qgis", "planner", days=1)
    assert access.of_key(key) is not None
    table, past = registry.metadata.tables["keys"], datetime.now(UTC) - timedelta(minutes=1)
    with registry.writing() as connection:
        end = int(past.timestamp() * 1e6)
        connection.execute(table.update().where(table.c.key_id == key_id).values(expires_at=end))
    assert access.of_key(key) is None


# --- audit ----------------------------------------------------------------------------------


def fill(audit: Audit, count: int = 5) -> None:
    for number in range(count):
        with acting(Actor("anna", Role.HANDLER, "session", "10.0.0.7")):
            audit.record("complaint.read", f"C{number}", why="test")


def test_the_log_says_who_did_what(audit: Audit) -> None:
    fill(audit)
    assert audit.verify().problem is None
    newest = audit.entries(2)
    assert [entry["subject"] for entry in newest] == ["C4", "C3"]
    assert newest[0]["actor"] == "anna"
    assert newest[0]["address"] == "10.0.0.7"
    assert [entry["seq"] for entry in audit.entries(10, subject="C2")] == [3]
    assert audit.entries(10, before=3)[0]["seq"] == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'eve' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"]
)
def test_the_database_itself_refuses_to_change_the_log(audit: Audit, registry: Database, statement: str) -> None:
    fill(audit)
    with pytest.raises(sa.exc.DBAPIError), registry.writing() as connection:
        connection.exec_driver_sql(statement)
    assert audit.verify().problem is None


def forced(registry: Database, statement: str) -> None:
    """What someone with the rights of the database's owner can do."""
    drops = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    if not registry.is_sqlite:
        drops = ["DROP TRIGGER audit_no_change ON audit"]
    with registry.writing() as connection:
        for drop in drops:
            connection.exec_driver_sql(drop)
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "row", "problem"),
    [
        ("UPDATE audit SET subject = 'C9' WHERE seq = 2", 2, "changed"),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 5", 5, "changed"),
        ("DELETE FROM audit WHERE seq = 3", 3, "missing"),
        ("DELETE FROM audit WHERE seq > 3", 4, "cut off"),
        ("DELETE FROM audit", 1, "cut off"),
    ],
)
def test_what_the_owner_of_the_database_changes_is_seen(
    audit: Audit, registry: Database, statement: str, row: int, problem: str
) -> None:
    fill(audit)
    forced(registry, statement)
    found = audit.verify()
    assert found.broken_at == row
    assert problem in str(found.problem)


def test_a_chain_forged_without_the_secret_is_seen(
    audit: Audit, registry: Database, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    fill(audit)
    forced(registry, "DELETE FROM audit")
    fill(Audit(registry, tmp_path_factory.mktemp("elsewhere")))
    assert audit.verify().broken_at == 1
    (tmp_path / HEAD_FILE).unlink()
    assert audit.verify().problem is not None


def test_many_writers_make_one_chain(audit: Audit) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: audit.record("read", f"C{number}"), range(40)))
    found = audit.verify()
    assert (found.rows, found.problem) == (40, None)


# --- jobs -----------------------------------------------------------------------------------


def test_one_job_runs_at_a_time_in_the_order_they_came(rows: JobRows) -> None:
    first, second = (rows.add("run", {"n": n}, "anna", "engineer") for n in (1, 2))
    with ThreadPoolExecutor(6) as pool:
        claimed = [job for job in pool.map(lambda _: rows.claim(), range(6)) if job is not None]
    assert [job.job_id for job in claimed] == [first]
    assert rows.claim() is None
    rows.finish(first, "done", {"answer": 42})
    assert rows.job(first).result == {"answer": 42}
    following = rows.claim()
    assert following is not None
    assert following.job_id == second


def test_a_full_queue_says_so(rows: JobRows) -> None:
    for number in range(queue.MOST_WAITING):
        rows.add("run", {"n": number}, "anna", "engineer")
    with pytest.raises(StateError) as refused:
        rows.add("run", {}, "anna", "engineer")
    assert refused.value.code == queue.QUEUE_FULL


def test_a_waiting_job_is_cancelled_at_once_a_running_one_when_it_looks_up(rows: JobRows) -> None:
    running, waiting = (rows.add("run", {}, "anna", "engineer") for _ in range(2))
    rows.claim()
    assert rows.cancel(waiting, "anna").state == "cancelled"
    assert rows.beat(running, 0.4, "scan") is False
    assert rows.cancel(running, "anna").state == "running"
    assert rows.beat(running, 0.5, "scan") is True
    rows.finish(running, "cancelled")
    with pytest.raises(StateError):
        rows.cancel(running, "anna")
    with pytest.raises(NotFound):
        rows.cancel("J-none", "anna")


def worker_that_died() -> str:
    """The identity of a process that is gone."""
    script = "from geoservice.store.jobs import identity; print(identity())"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_a_job_of_a_dead_worker_is_tried_again_and_then_failed(rows: JobRows, registry: Database) -> None:
    job_id, dead = rows.add("run", {}, "anna", "engineer"), worker_that_died()
    table = registry.metadata.tables["jobs"]

    def die() -> None:
        with registry.writing() as connection:
            connection.execute(table.update().where(table.c.job_id == job_id).values(worker=dead))

    assert rows.claim() is not None
    assert rows.reap() == []
    die()
    assert rows.reap() == []
    assert rows.job(job_id).state == "queued"
    assert "ended without a word" in rows.job(job_id).doing
    assert rows.claim() is not None
    die()
    assert [job.job_id for job in rows.reap()] == [job_id]
    failed = rows.job(job_id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "worker-died"


def test_a_worker_elsewhere_is_dead_when_it_is_silent() -> None:
    now = datetime.now(UTC)
    assert queue.worker_lives("far.example 17 99", now)
    assert not queue.worker_lives("far.example 17 99", now - 2 * queue.SILENT)
    assert queue.worker_lives(queue.identity(), None)
    host, number, started = queue.identity().split()
    assert not queue.worker_lives(f"{host} {number} {int(started) + 1}", now)
