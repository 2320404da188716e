"""Commands of the doors: users, keys of programs, the audit log."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from geoservice.cli import common
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError, StateError

_users = typer.Typer(help="People who log in with a password.", no_args_is_help=True)
_keys = typer.Typer(help="Keys of programs, sent in the header Authorization: Bearer KEY.", no_args_is_help=True)
_audit = typer.Typer(help="The log of what was read about customers and what was changed.", no_args_is_help=True)

_LINGER_S = 20.0
RoleName = Annotated[str, typer.Option("--role", help="handler, engineer, planner or admin.")]
FromPipe = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input (one line).")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(_users, name="users")
    app.add_typer(_keys, name="keys")
    app.add_typer(_audit, name="audit")
    app.command("work", hidden=True)(work)


def work(
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    thresholds: common.Thresholds = None,
    database: common.Database = None,
    folder: common.Folder = None,
) -> None:
    """Do the waiting jobs of a server, one after the other, and end; servers start this themselves."""
    from geoservice.service.worker import work as work_off

    # Look-ups of the server come first.
    os.nice(5)
    with common.service(database, folder, timezone, thresholds, must_exist=True) as service:
        # Who sends one file often sends another: the next one need not wait for a new process.
        work_off(service, service.office.job_rows, linger_s=_LINGER_S)


@_users.command("add")
def add_user(
    name: str, role: RoleName, stdin: FromPipe = False, database: common.Database = None, folder: common.Folder = None
) -> None:
    """Add someone; the password is asked for, never given as an argument (others could see it in the process list)."""
    with common.service(database, folder) as service:
        service.office.access.add_user(name, role, _password(stdin))
        service.office.audit.record("user.add", name, role=role)
    common.say(f"{name} may log in as {role}")


@_users.command("list")
def list_users(json: common.Json = False, database: common.Database = None, folder: common.Folder = None) -> None:
    """Everyone who was ever let in."""
    with common.service(database, folder, must_exist=True) as service:
        found = service.office.access.users()
    rows = [
        {"name": user.name, "role": user.role, "since": user.created_at, "disabled": user.disabled_at} for user in found
    ]
    _show(rows, ("name", "role", "since", "disabled"), json)


@_users.command("disable")
def disable_user(name: str, database: common.Database = None, folder: common.Folder = None) -> None:
    """Let someone in no more; their sessions end at once."""
    with common.service(database, folder, must_exist=True) as service:
        service.office.access.disable_user(name)
        service.office.audit.record("user.disable", name)
    common.say(f"{name} is let in no more")


@_users.command("password")
def password(
    name: str, stdin: FromPipe = False, database: common.Database = None, folder: common.Folder = None
) -> None:
    """Give someone another password; their sessions end at once."""
    with common.service(database, folder, must_exist=True) as service:
        service.office.access.set_password(name, _password(stdin))
        service.office.audit.record("user.password", name)
    common.say(f"{name} has another password now")


@_keys.command("add")
def add_key(
    name: str,
    role: RoleName,
    days: Annotated[int | None, typer.Option(help="Days until it ends (default: never).", min=1, max=3650)] = None,
    database: common.Database = None,
    folder: common.Folder = None,
) -> None:
    """Make a key for a program; it is shown once and kept only as a hash."""
    with common.service(database, folder) as service:
        key_id, key = service.office.access.add_key(name, role, days)
        service.office.audit.record("key.add", key_id, role=role, days=days)
    common.say(f"key {key_id} for {name} as {role}; it is not shown again:", to=common.err)
    typer.echo(key)


@_keys.command("list")
def list_keys(json: common.Json = False, database: common.Database = None, folder: common.Folder = None) -> None:
    """Every key ever made, without the keys."""
    with common.service(database, folder, must_exist=True) as service:
        found = service.office.access.keys()
    rows = [
        {"id": key.key_id, "name": key.name, "role": key.role, "since": key.created_at, "until": key.expires_at,
         "revoked": key.revoked_at}
        for key in found
    ]  # fmt: skip
    _show(rows, ("id", "name", "role", "since", "until", "revoked"), json)


@_keys.command("revoke")
def revoke_key(key_id: str, database: common.Database = None, folder: common.Folder = None) -> None:
    """Let a key in no more."""
    with common.service(database, folder, must_exist=True) as service:
        service.office.access.revoke_key(key_id)
        service.office.audit.record("key.revoke", key_id)
    common.say(f"key {key_id} is let in no more")


@_audit.command("verify")
def verify(json: common.Json = False, database: common.Database = None, folder: common.Folder = None) -> None:
    """Check that no entry was changed, removed or cut off."""
    with common.service(database, folder, must_exist=True) as service:
        found = service.office.audit.verify()
    if json:
        common.print_json({"rows": found.rows, "broken_at": found.broken_at, "problem": found.problem})
    if found.problem is not None:
        raise StateError(f"the audit log cannot be trusted from entry {found.broken_at} on: {found.problem}")
    if not json:
        common.say(f"{found.rows:,} entries, unbroken")


@_audit.command("show")
def show(
    limit: Annotated[int, typer.Option(help="Newest entries to show.", min=1, max=1000)] = 50,
    json: common.Json = False,
    database: common.Database = None,
    folder: common.Folder = None,
) -> None:
    """The newest entries."""
    with common.service(database, folder, must_exist=True) as service:
        rows = service.office.audit.entries(limit)
    _show(rows, ("seq", "at", "actor", "role", "via", "action", "subject"), json)


def _password(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("nobody to ask for a password; pipe it in with --stdin", field="password")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], json: bool) -> None:
    if json:
        common.print_json(rows)
        return
    common.out.print(common.table(columns, ([_cell(row[name]) for name in columns] for row in rows)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="minutes") if hasattr(value, "isoformat") else str(value).replace("[", "\\[")
