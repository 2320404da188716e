"""What the customers of a subject say: classes, audio side, handsets, accounts, hours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.join.plane import distance_m, weighted_quantile
from geoservice.join.subjects import is_place

BAD_ACCOUNTS = ("arrears", "suspended", "barred", "throttled")
NIGHT_HOURS = (23, 7)  # local; the span in which energy saving usually works
EVENING_HOURS = (18, 23)  # local; the busy hours of mobile networks
# Without a stated time of the event a contact tells of the hours before it (handbook, clock "24 h first check").
UNSTATED_LAG = pd.Timedelta(hours=12)
BURST = pd.Timedelta(hours=48)


def located(complaints: pd.DataFrame, fixes: pd.DataFrame) -> pd.DataFrame:
    """Complaints with the point of their best fix and the span of their event.

    Adds ``fix_lat``, ``fix_lon``, ``fix_radius_m``, ``event_from``, ``event_to`` (UTC), ``clock_from``,
    ``clock_to`` (for the time of day; missing where unknown) and ``who``.
    """
    best = fixes[fixes["rank"] == 0][["complaint_id", "lat", "lon", "radius_m"]].drop_duplicates("complaint_id")
    best = best.rename(columns={"lat": "fix_lat", "lon": "fix_lon", "radius_m": "fix_radius_m"})
    frame = complaints.merge(best, on="complaint_id", how="left")
    frame["who"] = frame["customer_key"].fillna(frame["complaint_id"])
    frame["event_from"], frame["event_to"] = _span(frame)
    frame["clock_from"], frame["clock_to"] = _clock_span(frame)
    return frame


def _clock_span(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The hour of the event for questions of the time of day; unknown where only the day is known."""
    contact = frame["accepted_at"].where(frame["time_step"].eq("instant"))
    start = frame["occurred_from"].fillna(contact)
    end = frame["occurred_to"].where(frame["occurred_to"] >= start, start + pd.Timedelta(hours=1))
    return start, end.where(start.notna())


def _span(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    accepted, start, end = frame["accepted_at"], frame["occurred_from"], frame["occurred_to"]
    day = frame["time_step"].eq("day")
    first = start.fillna(accepted.where(day, accepted - UNSTATED_LAG))
    unstated_end = accepted.where(~day, accepted + pd.Timedelta(days=1))
    last = end.fillna(unstated_end.where(start.isna(), start + pd.Timedelta(hours=1)))
    return first, last.where(last >= first, first)


def cases(subjects: pd.DataFrame, members: pd.DataFrame, located_complaints: pd.DataFrame) -> pd.DataFrame:
    """Complaints of each subject: ``subject``, complaint columns, ``share`` (each customer's rows sum to 1)."""
    ids = pd.DataFrame({"hotspot_id": subjects["hotspot_id"].astype(str), "subject": np.arange(len(subjects))})
    linked = members.merge(ids, on="hotspot_id")[["subject", "complaint_id"]]
    linked = pd.concat([linked, _nearby(subjects, located_complaints)], ignore_index=True)
    frame = linked.drop_duplicates().merge(located_complaints, on="complaint_id")
    frame["share"] = 1.0 / frame.groupby(["subject", "who"])["complaint_id"].transform("size")
    return frame


def _nearby(subjects: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    parts = [_within(i, subjects.iloc[i], complaints) for i in np.flatnonzero(is_place(subjects)).tolist()]
    empty = pd.DataFrame({"subject": pd.Series(dtype="int64"), "complaint_id": pd.Series(dtype="str")})
    return pd.concat([empty, *parts], ignore_index=True)


def _within(position: int, place: pd.Series, complaints: pd.DataFrame) -> pd.DataFrame:
    distance = distance_m(complaints["fix_lat"], complaints["fix_lon"], float(place["lat"]), float(place["lon"]))
    reach = float(place["radius_m"]) + np.minimum(complaints["fix_radius_m"].to_numpy(float), 500.0)
    near = (distance <= reach) & complaints["accepted_at"].between(place["from"], place["to"]).to_numpy()
    return pd.DataFrame({"subject": position, "complaint_id": complaints["complaint_id"].to_numpy()[near]})


_READ = (
    "subject", "share", "who", "class", "audio", "echo_hearer", "account_status", "roaming_country", "tags", "indoor",
    "other_phone_ok", "other_sim_ok", "peers_ok", "terminal_model", "fix_radius_m", "event_from", "clock_from",
)  # fmt: skip


def features(subjects: pd.DataFrame, frame: pd.DataFrame, complaints: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Evidence columns about people, one row a subject in order."""
    frame = frame[list(_READ)]  # the narrower the frame, the cheaper its pieces
    groups = dict(iter(frame.groupby("subject")))
    clock = _clock_shares(complaints, config)
    models = complaints.drop_duplicates(["who", "terminal_model"])["terminal_model"].value_counts()
    rows = [_row(groups.get(i, frame.iloc[:0]), models, config) for i in range(len(subjects))]
    result = pd.DataFrame(rows, index=range(len(subjects)))
    return result.assign(
        night_expected=clock[0],
        evening_expected=clock[1],
        other_phone_ok_expected=float(complaints["other_phone_ok"].astype("float64").mean()),
    )


def _row(part: pd.DataFrame, models: pd.Series, config: Config) -> dict[str, object]:
    share = part["share"].to_numpy(float)
    one_way = part["class"].eq("ONE_WAY_AUDIO").to_numpy(bool)
    echo = part["class"].eq("ECHO").to_numpy(bool)
    night, evening = _clock_shares(part, config)
    return {
        "customers": float(part["who"].nunique()),
        "contacts": float(len(part)),
        "classes": _classes(part),
        "fix_radius_m": weighted_quantile(part["fix_radius_m"], share, 0.5),
        "indoor_share": _share(_indoors(part), share),
        "audio_ul_share": _share(part["audio"].isin(["UL", "both"]), share * one_way),
        "audio_dl_share": _share(part["audio"].isin(["DL", "both"]), share * one_way),
        "echo_own_share": _share(part["echo_hearer"].isin(["customer", "both"]), share * echo),
        "account_problem_share": _share(part["account_status"].isin(BAD_ACCOUNTS), share),
        "roaming_share": _share(part["roaming_country"].notna() | part["class"].eq("ROAMING"), share),
        "night_share": night,
        "evening_share": evening,
        **_known("other_phone_ok", part, share),
        **_known("other_sim_ok", part, share),
        **_known("peers_ok", part, share),
        **_terminal(part, models),
        **_rhythm(part),
    }


def _indoors(part: pd.DataFrame) -> pd.Series:
    tagged = part["tags"].fillna("").str.contains("indoor|lift|basement", regex=True)
    return part["indoor"].fillna(False).astype(bool) | tagged | part["class"].eq("INDOOR_COVERAGE")


def _classes(part: pd.DataFrame) -> dict[str, int]:
    counts = part.drop_duplicates(["who", "class"])["class"].value_counts()
    return {str(code): int(count) for code, count in counts.items()}


def _share(flags: pd.Series, weights: np.ndarray) -> float:
    total = float(weights.sum())
    return float(weights[flags.to_numpy(bool)].sum()) / total if total > 0 else float("nan")


def _known(column: str, part: pd.DataFrame, share: np.ndarray) -> dict[str, float]:
    known = part[column].notna().to_numpy(bool)
    said_yes = part[column].fillna(False).astype(bool)
    return {f"{column}_share": _share(said_yes, share * known), f"{column}_known": float((share * known).sum())}


def _terminal(part: pd.DataFrame, models: pd.Series) -> dict[str, object]:
    """The handset model that stands out most against all other complaints (likelihood ratio of two rates)."""
    mine = part.drop_duplicates(["who", "terminal_model"])["terminal_model"].value_counts()
    known = float(mine.sum())
    if known == 0:
        nothing: dict[str, object] = {"terminal_known": 0.0, "terminal_model": None}
        return nothing | {"terminal_share": np.nan, "terminal_lift": np.nan}
    others = (models.reindex(mine.index).fillna(0) - mine).clip(lower=0).to_numpy(float)
    rest = max(float(models.sum()) - known, 0.0)
    expected = (others + 0.5) / (rest + 1.0)
    share = mine.to_numpy(float) / known
    surprise = np.where(share > expected, share * np.log(share / expected), 0.0)
    top = int(np.argmax(surprise + 1e-9 * share))
    lift = share[top] / expected[top]
    return {
        "terminal_known": known,
        "terminal_model": str(mine.index[top]),
        "terminal_share": float(share[top]),
        "terminal_lift": float(lift),
    }


def _rhythm(part: pd.DataFrame) -> dict[str, float]:
    """How long the complaints go on: 80 % span in days and the largest share within 48 hours."""
    if not len(part):
        return {"span_days": np.nan, "burst_share": np.nan}
    times = part.sort_values("event_from").drop_duplicates("who")["event_from"]
    seconds = np.sort(times.astype("int64").to_numpy() / 1e6)
    inside = np.searchsorted(seconds, seconds + BURST.total_seconds(), side="right") - np.arange(len(seconds))
    span = np.subtract(*np.quantile(seconds, [0.9, 0.1])) / 86400
    return {"span_days": float(span), "burst_share": float(inside.max() / len(seconds))}


def _clock_shares(part: pd.DataFrame, config: Config) -> tuple[float, float]:
    """Share of the events with a known hour that fall in the night and in the evening (local clock)."""
    known = part["clock_from"].dropna()
    if not len(known):
        return float("nan"), float("nan")
    hours = known.dt.tz_convert(config.timezone).dt.hour.to_numpy()
    night = (hours >= NIGHT_HOURS[0]) | (hours < NIGHT_HOURS[1])
    evening = (hours >= EVENING_HOURS[0]) & (hours < EVENING_HOURS[1])
    return float(night.mean()), float(evening.mean())
