"""Every error this product raises on purpose, as one tree.

``GeoserviceError``
 ├─ ``InputError``        what we were given is wrong: file, row, field, argument
 │   ├─ ``FileError``     a file cannot be read (wrong type, too large, undecodable)
 │   ├─ ``TableError``    a table breaks its declaration; names table, column, row
 │   └─ ``NotFound``      the thing asked for does not exist
 ├─ ``ConfigError``       the deployment is wrong: settings, secret, database
 ├─ ``StateError``        the request does not fit the present state (conflict)
 │   ├─ ``Changed``       the thing is no longer in the version the caller had read
 │   └─ ``Cancelled``     someone asked for the work to end
 └─ ``NotEnoughData``     the answer would not be honest; says what is missing

The message is for the user: what is wrong, where, and how to mend it. It never carries
personal data. ``cli.py`` prints it; ``api/errors.py`` maps the class to a status.
"""

from __future__ import annotations


class GeoserviceError(Exception):
    """Base of every deliberate error; ``code`` is stable and machine-readable."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class InputError(GeoserviceError):
    """What we were given is wrong; the message names the field and the fix."""

    code = "bad-input"


class FileError(InputError):
    """A file cannot be taken: its type, size, encoding or structure."""

    code = "bad-file"


class TableError(InputError):
    """A frame breaks the declaration of its table.

    Parameters
    ----------
    table, column : names as declared in ``reference/tables.csv``.
    row : zero-based position of the first offending row, or None for the whole column.
    """

    code = "bad-table"

    def __init__(self, table: str, column: str, problem: str, row: int | None = None) -> None:
        where = f"{table}.{column}" + ("" if row is None else f", row {row}")
        super().__init__(f"{where}: {problem}", field=column)
        self.table, self.column, self.row = table, column, row


class NotFound(InputError):
    """The thing asked for does not exist."""

    code = "not-found"


class ConfigError(GeoserviceError):
    """The deployment is wrong: settings, secret, rights or database."""

    code = "bad-config"


class StateError(GeoserviceError):
    """The request does not fit the present state."""

    code = "conflict"


class Changed(StateError):
    """Someone changed the thing since the caller read it."""

    code = "changed"


class Cancelled(StateError):
    """Someone asked for this work to end; nothing of it is kept."""

    code = "cancelled"


class NotEnoughData(GeoserviceError):
    """The data do not carry the answer asked for; the message says what is missing."""

    code = "not-enough-data"
