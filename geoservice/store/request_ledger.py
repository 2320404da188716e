"""Every site-build request ever made and what was decided on it: what people decided outlives the runs.

A run writes its requests anew. Here each stands once, by its lasting number, at the place it was decided for; what
was decided is laid over the requests of every later run. Decision 0157.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from geoservice import geodesy

_PLACE = ["type", "lat", "lon", "search_ring_m"]
_DECIDED = ["state", "reason", "approver"]
COLUMNS = ("request_no", "hotspot_id", *_PLACE, *_DECIDED)
_OPEN = "draft"

Tables = Mapping[str, sa.Table]


def known_requests(connection: sa.Connection, tables: Tables) -> pd.DataFrame:
    """The ledger (:data:`COLUMNS`); in a database that had none yet, what its runs say."""
    ledger = tables["request_ledger"]
    found = _frame(connection, sa.select(*(ledger.c[name] for name in COLUMNS)).order_by(ledger.c.request_no))
    return found if len(found) else _of_runs(connection, tables)


def lay_over(connection: sa.Connection, tables: Tables, made: pd.DataFrame) -> pd.DataFrame:
    """The requests ``made`` by a run with what was decided before; the ledger learns the new ones.

    A decision counts for a request of the same number in the search ring of the place that was decided on.
    Call it inside the transaction that stores the run.
    """
    wait_turn(connection, tables)
    known = known_requests(connection, tables)
    _write(connection, tables, known)
    at = known.set_index("request_no").reindex(made["request_no"]).set_axis(made.index)
    away = geodesy.distance_m(made["lat"], made["lon"], at["lat"].astype(float), at["lon"].astype(float))
    rings = np.fmax(made["search_ring_m"].to_numpy(float), at["search_ring_m"].to_numpy(float))
    same = pd.Series(away <= rings, made.index)
    told = made.assign(**{name: made[name].mask(same, at[name]).astype(made[name].dtype) for name in _DECIDED})
    # A decided request keeps its place: else it could wander off by a ring with every run.
    fixed = at["state"].notna() & (at["state"] != _OPEN)
    _write(connection, tables, told.loc[~fixed, list(COLUMNS)])
    return told


def decide(
    connection: sa.Connection, tables: Tables, run_id: str, request_no: str, values: Mapping[str, str | None]
) -> None:
    """Enter what was decided on a request of a run; the newest run is told too, should another one be finished."""
    ledger, requests, runs = tables["request_ledger"], tables["site_requests"], tables["runs"]
    _write(connection, tables, known_requests(connection, tables))
    columns = [requests.c[name] for name in COLUMNS]
    entry = _frame(
        connection, sa.select(*columns).where(requests.c.run_id == run_id, requests.c.request_no == request_no)
    )
    _write(connection, tables, entry)
    connection.execute(ledger.update().where(ledger.c.request_no == request_no).values(**values))
    newest = sa.select(runs.c.run_id).where(runs.c.state == "done").order_by(runs.c.finished_at.desc()).limit(1)
    told = requests.c.run_id.in_({run_id, connection.execute(newest).scalar() or run_id})
    connection.execute(requests.update().where(told, requests.c.request_no == request_no).values(**values))


def wait_turn(connection: sa.Connection, tables: Tables) -> None:
    """Who decides and who finishes a run wait for one another (on SQLite there is one writer anyway)."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"LOCK TABLE {tables['request_ledger'].name} IN EXCLUSIVE MODE")


def _of_runs(connection: sa.Connection, tables: Tables) -> pd.DataFrame:
    """Of each number the last decision; requests nobody decided on as the newest run that has them tells them."""
    requests, runs = tables["site_requests"], tables["runs"]
    columns = [requests.c[name] for name in COLUMNS]
    query = sa.select(*columns).join(runs, runs.c.run_id == requests.c.run_id).where(runs.c.state == "done")
    found = _frame(connection, query.order_by(runs.c.finished_at))
    decided = found["state"] != _OPEN
    return pd.concat([found[~decided], found[decided]]).drop_duplicates("request_no", keep="last", ignore_index=True)


def _frame(connection: sa.Connection, query: sa.Select[Any]) -> pd.DataFrame:
    return pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=list(COLUMNS), dtype=object)


def _write(connection: sa.Connection, tables: Tables, entries: pd.DataFrame) -> None:
    ledger = tables["request_ledger"]
    if entries.empty:
        return
    rows = entries.astype(object).where(entries.notna(), None).to_dict("records")
    values = [{str(name): value for name, value in row.items()} for row in rows]
    connection.execute(ledger.delete().where(ledger.c.request_no == sa.bindparam("gone")),
                       [{"gone": row["request_no"]} for row in values])  # fmt: skip
    connection.execute(ledger.insert(), values)
