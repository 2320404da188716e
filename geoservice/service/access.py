"""Who comes in: users with passwords, sessions, keys of programs. Secrets are shown once and kept as hashes."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from geoservice.errors import InputError, NotFound, StateError
from geoservice.service.actor import Actor
from geoservice.service.roles import Role, role_of
from geoservice.store.people import KeyRow, People, UserRow

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SESSION = timedelta(hours=12)
MIN_PASSWORD, MAX_PASSWORD = 12, 200
KEY_PREFIX = "gsk_"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")
# Each check takes 64 MiB and some 50 ms on purpose: a flood of them must neither fill the memory nor the cores.
_CHECKS = BoundedSemaphore(2)
_CHECK_WAIT_S = 5.0


class Access:
    """Use cases of the doors over one registry."""

    def __init__(self, people: People) -> None:
        self._people = people

    # --- users -------------------------------------------------------------------------------

    def add_user(self, name: str, role: str, password: str) -> UserRow:
        """Add someone who logs in with a password.

        Raises
        ------
        InputError
            The name, the role or the password cannot be used.
        StateError
            The name is taken.
        """
        if not _NAME.fullmatch(name):
            raise InputError(
                "a user name is up to 64 lower-case letters, digits and . _ @ -, and starts and ends with a letter "
                "or digit",
                field="name",
            )
        encoded = _encode(password, name)
        if not self._people.add_user(name, role_of(role), encoded, datetime.now(UTC)):
            raise StateError(f"there is a user {name} already", field="name")
        return self._user(name)

    def users(self) -> list[UserRow]:
        """Everyone who was ever let in, by name."""
        return self._people.users()

    def disable_user(self, name: str) -> None:
        """Let a user in no more; their sessions end at once."""
        if not self._people.disable(name, datetime.now(UTC)):
            raise NotFound("there is no such user", field="name")

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password; their sessions end at once."""
        if not self._people.set_password(name, _encode(password, name)):
            raise NotFound("there is no such user", field="name")

    def _user(self, name: str) -> UserRow:
        found = self._people.user(name)
        if found is None:
            raise NotFound("there is no such user", field="name")
        return found

    # --- sessions ----------------------------------------------------------------------------

    def log_in(self, name: str, password: str) -> str | None:
        """The token of a new session, or None; unknown names take as long as wrong passwords.

        Raises
        ------
        StateError
            Too many people log in at once (code ``busy``).
        """
        user = self._people.user(name) if len(name) <= 64 else None
        encoded = user.password if user else _decoy()
        right = _matches(encoded, password)
        if user is None or not right or user.disabled_at is not None:
            return None
        if _hasher().check_needs_rehash(user.password):
            self._people.set_password(user.name, _hasher().hash(_normal(password)))
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        self._people.open_session(_digest(token), user.name, now, now + SESSION)
        return token

    def log_out(self, token: str) -> None:
        """End a session."""
        self._people.close_session(_digest(token))

    def of_session(self, token: str, address: str | None = None) -> Actor | None:
        """Who holds a session, or None."""
        user = self._people.session_user(_digest(token), datetime.now(UTC))
        return None if user is None else Actor(user.name, Role(user.role), "session", address)

    # --- keys --------------------------------------------------------------------------------

    def add_key(self, name: str, role: str, days: int | None = None) -> tuple[str, str]:
        """A new key for a program: its id, and the key itself, which is not kept.

        Raises
        ------
        InputError
            The name or the role cannot be used.
        """
        if not name.strip() or len(name) > 80 or not name.isprintable():
            raise InputError("name the program the key is for, at most 80 characters", field="name")
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        key_id = secrets.token_hex(6)
        now = datetime.now(UTC)
        expires = None if days is None else now + timedelta(days=days)
        self._people.add_key(key_id, _digest(key), name.strip(), role_of(role), now, expires)
        return key_id, key

    def keys(self) -> list[KeyRow]:
        """Every key ever made, oldest first; never the keys themselves."""
        return self._people.keys()

    def revoke_key(self, key_id: str) -> None:
        """Let a key in no more."""
        if not self._people.revoke_key(key_id, datetime.now(UTC)):
            raise NotFound("there is no such key, or it was revoked already", field="key_id")

    def of_key(self, key: str, address: str | None = None) -> Actor | None:
        """Whose key it is, or None.

        The key is found by its SHA-256 hash: 256 random bits need no salt, and what a caller can time is the
        comparison of a hash they cannot steer.
        """
        found = self._people.key_of(_digest(key), datetime.now(UTC))
        return None if found is None else Actor(f"key:{found.name}", Role(found.role), "key", address)

    def anyone(self) -> bool:
        """Whether there is a user or key that would be let in."""
        return self._people.anyone(datetime.now(UTC))


def _encode(password: str, name: str) -> str:
    normal = _normal(password)
    if not MIN_PASSWORD <= len(normal) <= MAX_PASSWORD:
        raise InputError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", field="password")
    if len(set(normal)) < 5 or name in normal.casefold():
        raise InputError(
            "the password is too easy: more different characters, and not the user's name", field="password"
        )
    return _hasher().hash(normal)


def _matches(encoded: str, password: str) -> bool:
    from argon2.exceptions import VerificationError, VerifyMismatchError

    if not _CHECKS.acquire(timeout=_CHECK_WAIT_S):
        raise StateError("too many people log in just now; try again in a moment", code="busy")
    try:
        return bool(_hasher().verify(encoded, _normal(password[:MAX_PASSWORD])))
    except (VerifyMismatchError, VerificationError):
        return False
    finally:
        _CHECKS.release()


@cache
def _hasher() -> PasswordHasher:
    # Imported late: commands that need no password should not wait for it. Parameters: RFC 9106, second choice.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _decoy() -> str:
    """A hash that no password has, with the cost of a real one."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    """One spelling of what a keyboard may send in several (RFC 8265)."""
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
