"""Users, their sessions, and keys of programs, as rows; secrets arrive here hashed already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from geoservice.store.database import Database
from geoservice.store.times import from_us, to_us


@dataclass(frozen=True, slots=True)
class UserRow:
    """Someone who logs in; ``password`` is an encoded argon2 hash."""

    name: str
    role: str
    password: str
    created_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A program's key; ``key_id`` is not secret, the key itself is nowhere."""

    key_id: str
    name: str
    role: str
    created_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class People:
    """Reads and writes of users, sessions and keys."""

    def __init__(self, registry: Database) -> None:
        self._registry = registry
        self._users = registry.metadata.tables["users"]
        self._sessions = registry.metadata.tables["sessions"]
        self._keys = registry.metadata.tables["keys"]

    # --- users -------------------------------------------------------------------------------

    def user(self, name: str) -> UserRow | None:
        """The user of that name."""
        with self._registry.reading() as connection:
            row = connection.execute(sa.select(self._users).where(self._users.c.name == name)).mappings().first()
        return None if row is None else _user(row)

    def users(self) -> list[UserRow]:
        """Every user, by name."""
        with self._registry.reading() as connection:
            rows = connection.execute(sa.select(self._users).order_by(self._users.c.name)).mappings().all()
        return [_user(row) for row in rows]

    def add_user(self, name: str, role: str, password: str, now: datetime) -> bool:
        """Add a user; False when the name is taken."""
        values = {"name": name, "role": role, "password": password, "created_at": to_us(now)}
        try:
            with self._registry.writing() as connection:
                connection.execute(self._users.insert().values(**values))
        except sa.exc.IntegrityError:
            return False
        return True

    def set_password(self, name: str, password: str) -> bool:
        """Replace a user's hash and end their sessions; False when there is no such user."""
        with self._registry.writing() as connection:
            change = self._users.update().where(self._users.c.name == name).values(password=password)
            found = connection.execute(change).rowcount
            connection.execute(self._sessions.delete().where(self._sessions.c.user == name))
        return bool(found)

    def disable(self, name: str, now: datetime) -> bool:
        """Let a user in no more and end their sessions; False when there is no such user."""
        with self._registry.writing() as connection:
            change = self._users.update().where(self._users.c.name == name).values(disabled_at=to_us(now))
            found = connection.execute(change).rowcount
            connection.execute(self._sessions.delete().where(self._sessions.c.user == name))
        return bool(found)

    # --- sessions ----------------------------------------------------------------------------

    def open_session(self, token: str, user: str, now: datetime, expires: datetime) -> None:
        """Remember a session under the hash of its token; forget those that are over."""
        row = {"token": token, "user": user, "created_at": to_us(now), "expires_at": to_us(expires)}
        with self._registry.writing() as connection:
            connection.execute(self._sessions.delete().where(self._sessions.c.expires_at < to_us(now)))
            connection.execute(self._sessions.insert().values(**row))

    def close_session(self, token: str) -> None:
        """Forget a session."""
        with self._registry.writing() as connection:
            connection.execute(self._sessions.delete().where(self._sessions.c.token == token))

    def session_user(self, token: str, now: datetime) -> UserRow | None:
        """The user of a session that is not over, unless they were disabled."""
        users, sessions = self._users, self._sessions
        query = (
            sa.select(users)
            .join(sessions, sessions.c.user == users.c.name)
            .where(sessions.c.token == token, sessions.c.expires_at > to_us(now), users.c.disabled_at.is_(None))
        )
        with self._registry.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _user(row)

    # --- keys --------------------------------------------------------------------------------

    def add_key(
        self, key_id: str, hash_: str, name: str, role: str, now: datetime, expires: datetime | None = None
    ) -> None:
        """Remember a key under its hash."""
        row = {"key_id": key_id, "hash": hash_, "name": name, "role": role, "created_at": to_us(now)}
        with self._registry.writing() as connection:
            end = None if expires is None else to_us(expires)
            connection.execute(self._keys.insert().values(**row, expires_at=end))

    def keys(self) -> list[KeyRow]:
        """Every key, oldest first."""
        with self._registry.reading() as connection:
            rows = connection.execute(sa.select(self._keys).order_by(self._keys.c.created_at)).mappings().all()
        return [_key(row) for row in rows]

    def revoke_key(self, key_id: str, now: datetime) -> bool:
        """Let a key in no more; False when there is no such key."""
        with self._registry.writing() as connection:
            change = self._keys.update().where(self._keys.c.key_id == key_id, self._keys.c.revoked_at.is_(None))
            return bool(connection.execute(change.values(revoked_at=to_us(now))).rowcount)

    def key_of(self, hash_: str, now: datetime) -> KeyRow | None:
        """The key with that hash, unless it was revoked or is over."""
        keys = self._keys
        valid = (keys.c.revoked_at.is_(None), sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > to_us(now)))
        with self._registry.reading() as connection:
            row = connection.execute(sa.select(keys).where(keys.c.hash == hash_, *valid)).mappings().first()
        return None if row is None else _key(row)

    def anyone(self, now: datetime) -> bool:
        """Whether there is any user or key that would be let in."""
        keys, users = self._keys, self._users
        valid = (keys.c.revoked_at.is_(None), sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > to_us(now)))
        with self._registry.reading() as connection:
            return bool(
                connection.execute(sa.select(users.c.name).where(users.c.disabled_at.is_(None)).limit(1)).first()
                or connection.execute(sa.select(keys.c.key_id).where(*valid).limit(1)).first()
            )


def _user(row: sa.RowMapping) -> UserRow:
    return UserRow(row["name"], row["role"], row["password"], from_us(row["created_at"]), from_us(row["disabled_at"]))


def _key(row: sa.RowMapping) -> KeyRow:
    times = (from_us(row[name]) for name in ("created_at", "expires_at", "revoked_at"))
    return KeyRow(row["key_id"], row["name"], row["role"], *times)
