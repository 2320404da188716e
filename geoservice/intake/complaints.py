"""Raw rows → complaints: typed, located in WGS-84, classified, masked, pseudonymised; the rest named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoservice.intake.classes import COLUMNS as CLASS_COLUMNS
from geoservice.intake.classes import classes_of
from geoservice.intake.items import first_class
from geoservice.intake.language import language_of
from geoservice.intake.optional_fields import Notes, optional_fields
from geoservice.intake.parties import directions, numbers_or_keys, party_fields
from geoservice.intake.positions import position_fields, with_input_pair
from geoservice.intake.privacy import joined, keyed_hashes, mask
from geoservice.intake.tickets import MASKED_TICKET, shown_tickets
from geoservice.intake.vocabulary import SATISFIED as SATISFIED_LABELS
from geoservice.parsing.mapping import ColumnMapping, load_mapping
from geoservice.parsing.numbers import whole_texts
from geoservice.parsing.points import Points, read_points
from geoservice.parsing.rejects import Rejects, merged
from geoservice.parsing.text import Mask, blank, clean, lookup_key, map_distinct
from geoservice.parsing.times import REASONS, Times, times
from geoservice.records import ImportOptions, RawChunk, reporters
from geoservice.tables import COMPLAINTS, SATISFIED, conform, empty

TEXT_LIMIT, PLACE_LIMIT = 4000, 300
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
DEFAULT_SOURCE = "complaints"
CONTENT_SOURCES = frozenset({"mycall"})
# Clocks of two systems differ; a report known by its day or month may precede its own trouble by that much.
TOLERANCE_S, _MONTH_S = 300, 31 * 86_400


# Clocks of source systems and ours may differ; a day also covers a zone that was not declared.
CLOCK_SLACK = pd.Timedelta(days=1)
FIRST_TICKET = pd.Timestamp("1980-01-01", tz="UTC")


@dataclass(frozen=True, slots=True)
class ComplaintChunk:
    """What became of a chunk: ``len(complaints) + len(satisfied) + len(rejects) + duplicates == read``.

    ``duplicates`` counts rows whose ticket stands again later in the same chunk (usually equal
    rows); equal rows of other chunks carry the same ``complaint_id`` / ``source_key`` and are
    found when they are stored.
    """

    complaints: pd.DataFrame
    satisfied: pd.DataFrame
    rejects: pd.DataFrame
    duplicates: int
    notes: tuple[str, ...] = ()


def complaints_from_rows(chunk: RawChunk, options: ImportOptions, secret: bytes) -> ComplaintChunk:
    """Turn text rows into complaints.

    Parameters
    ----------
    chunk : rows as :func:`geoservice.intake.read_rows` answers them.
    options : default datum (``crs``), zone of naive times, mapping file, name of the source.
    secret : key of every pseudonym (:func:`geoservice.intake.privacy.load_secret`).
    """
    if not len(chunk.frame):
        return ComplaintChunk(empty(COMPLAINTS), empty(SATISFIED), chunk.rejects, 0)
    mapping, notes = load_mapping(options.mapping), Notes()
    rows = _Rows.read(chunk, options, mapping)
    accepted = _time(rows, "accepted_at")
    _require_plausible(rows, accepted)
    points = read_points(rows.frame, rows.rejects, options.crs, mapping.swapped)
    _require_substance(rows, points)
    numbers = _customer_numbers(rows, notes)
    tickets = _tickets(rows, mapping, secret)
    fields = _fields(rows, accepted, points, notes).assign(**party_fields(rows.frame, notes, secret))
    kept = rows.rejects.kept
    satisfied = kept & _satisfied(rows)
    taken = _without_repeats(fields, tickets, kept & ~satisfied)
    notes.add(
        _changed(rows, fields, tickets, kept & ~taken & ~satisfied),
        "rows repeat a ticket with other content; the last stands",
    )
    content = _satisfied_rows(fields, tickets, satisfied, secret)
    complaints = _finished(fields, rows, tickets, numbers, taken, secret)
    hidden = complaints["ticket_no"].str.startswith(MASKED_TICKET).fillna(False)
    notes.add(int(hidden.sum()), "ticket numbers hold a telephone or identity number; a key is stored in their place")
    duplicates = int(kept.sum()) - len(complaints) - len(content)
    rejects = merged([chunk.rejects, rows.rejects.frame()])
    return ComplaintChunk(complaints, content, rejects, duplicates, notes.lines())


@dataclass(frozen=True, slots=True)
class _Rows:
    """The chunk's text columns (cleaned; a column the file lacks is all missing) and its refusals."""

    frame: pd.DataFrame
    raw: pd.DataFrame
    rejects: Rejects
    mapping: ColumnMapping
    timezone: str

    @classmethod
    def read(cls, chunk: RawChunk, options: ImportOptions, mapping: ColumnMapping) -> _Rows:
        raw = chunk.frame.drop(columns="line")
        frame = pd.DataFrame({name: clean(raw[name].astype("str")) for name in raw.columns}, index=raw.index)
        source = options.source or mapping.file.get("source") or DEFAULT_SOURCE
        frame["source"] = clean(frame["source"]).fillna(source) if "source" in frame else source
        frame["source"] = frame["source"].astype("str")
        frame = with_input_pair(frame, options.crs)
        if "items" in frame:
            first = first_class(frame["items"])
            frame["class"] = frame["class"].fillna(first) if "class" in frame else first
        return cls(frame, raw, Rejects(chunk.frame["line"]), mapping, options.timezone)

    def text(self, name: str) -> pd.Series:
        if name in self.frame:
            return self.frame[name]
        return pd.Series(None, index=self.frame.index, dtype="str")


def _time(rows: _Rows, name: str, notes: Notes | None = None) -> Times:
    """A time column. With ``notes`` words in it ("last night") are left out; otherwise every row needs a time."""
    texts = rows.text(name)
    if notes is None:
        rows.rejects.add(blank(texts), name, "missing", f"{name} is missing")
    found = times(texts, rows.timezone, rows.mapping.formats.get(name))
    for code, bad in found.problems.items():
        if notes is not None and code == "not-a-time":
            notes.add(int(bad.sum()), f"values of {name} are words, no times, and were left out")
        else:
            rows.rejects.add(bad, name, code, REASONS[code], texts)
    return found


def _require_plausible(rows: _Rows, accepted: Times) -> None:
    """Accepted neither tomorrow nor in another century: one wrong year would stretch every analysis."""
    moments = accepted.utc
    ahead = (moments > pd.Timestamp.now("UTC") + CLOCK_SLACK).fillna(False).to_numpy(bool)
    texts = rows.text("accepted_at")
    rows.rejects.add(
        ahead, "accepted_at", "in-the-future", "the time lies ahead of now; check year and time zone", texts
    )
    early = (moments < FIRST_TICKET).fillna(False).to_numpy(bool)
    rows.rejects.add(
        early, "accepted_at", "too-early", f"the time lies before {FIRST_TICKET.year}; check the year", texts
    )


def _require_substance(rows: _Rows, points: Points) -> None:
    """At least one of text and class, at least one of point, place and serving cell."""
    silent = blank(rows.text("text")) & blank(rows.text("class"))
    rows.rejects.add(silent, "text", "nothing-said", "neither text nor class says what the trouble is")
    nowhere = ~np.isfinite(points.lat) & blank(rows.text("place_text")) & blank(rows.text("serving_cgi"))
    given = ~blank(rows.text("lat")) | ~blank(rows.text("lon"))
    reason = "the coordinates are a placeholder (0 or −1) and nothing else says where it was"
    rows.rejects.add(nowhere & given, "lat", "unlocated", reason, rows.text("lat"))
    rows.rejects.add(nowhere, "lat", "unlocated", "no coordinates, no place and no serving cell say where it was")


def _customer_numbers(rows: _Rows, notes: Notes) -> pd.Series:
    """Normalised numbers; a given ``customer_key`` stands in where there is no number."""
    if not {"customer_no", "customer_key"} & set(rows.frame.columns) and "calling_no" in rows.frame:
        notes.say("the file names no customer; the calling number stands for the customer")
        return numbers_or_keys(rows.frame, "calling_no", "calling_hash")[0]
    numbers, bad = numbers_or_keys(rows.frame, "customer_no", "customer_key")
    reason = "not a telephone number or customer id; format the column as text"
    rows.rejects.add(bad, "customer_no", "bad-phone", reason)
    return numbers


def _tickets(rows: _Rows, mapping: ColumnMapping, secret: bytes) -> pd.Series:
    """The number that identifies a row within its source; for sources without numbers, of its content."""
    texts, lossy = whole_texts(rows.text("ticket_no"))
    rows.rejects.add(
        lossy, "ticket_no", "lost-digits", "scientific notation lost digits; format the column as text", texts
    )
    by_content = rows.frame["source"].isin(CONTENT_SOURCES).to_numpy() | mapping.content_identity
    content = texts.isna().to_numpy() & by_content
    rows.rejects.add(texts.isna().to_numpy() & ~content, "ticket_no", "missing", "ticket_no is missing")
    if not content.any():
        return texts
    hashes = keyed_hashes(joined(rows.frame[name] for name in sorted(rows.frame.columns)), secret, "row")
    # In letters: no run of digits that reads like a telephone number.
    return texts.where(~content, "row-" + hashes.str.slice(0, 24).str.translate(_LETTERS)).astype("str")


def _fields(rows: _Rows, accepted: Times, points: Points, notes: Notes) -> pd.DataFrame:
    """Every column the file brings, typed; order of times checked."""
    names = ("occurred_from", "occurred_to", "promised_by", "call_time")
    occurred = {name: _time(rows, name, notes).utc for name in names}
    # Who says when the call was says when the trouble was.
    occurred["occurred_from"] = occurred["occurred_from"].fillna(occurred["call_time"])
    slack = pd.to_timedelta(np.where(accepted.step == "instant", TOLERANCE_S, _MONTH_S), unit="s")
    late = accepted.utc + slack
    _refuse(rows, occurred["occurred_from"] > late, "occurred_from", "the trouble starts after it was reported")
    _refuse(
        rows, occurred["occurred_to"] < occurred["occurred_from"], "occurred_to", "the trouble ends before it starts"
    )
    frame = optional_fields(rows.frame, notes)
    frame = frame.assign(accepted_at=accepted.utc, time_step=accepted.step, **occurred)
    notes.add(int(points.swapped.sum()), "rows had latitude and longitude exchanged; exchanged back as declared")
    positions = position_fields(rows.frame, points, notes)
    return frame.assign(**positions, source=rows.frame["source"])  # type: ignore[arg-type]


def _refuse(rows: _Rows, bad: pd.Series, field: str, reason: str) -> None:
    rows.rejects.add(bad.fillna(False).to_numpy(bool), field, "time-order", reason, rows.text(field))


def _satisfied(rows: _Rows) -> Mask:
    """Reports of contentment: no complaints, but they say how many could have complained."""
    labels = map_distinct(rows.text("class"), lambda text: lookup_key(text) in SATISFIED_LABELS)
    return np.asarray(labels.fillna(False).astype(bool))


def _without_repeats(fields: pd.DataFrame, tickets: pd.Series, where: Mask) -> Mask:
    """Rows of ``where`` that are the last of their ticket: a later row of a file is the newer one."""
    keys = joined((fields["source"], tickets))
    repeated = np.zeros(len(keys), bool)
    repeated[where] = keys[where].duplicated(keep="last").to_numpy()
    return where & ~repeated


def _changed(rows: _Rows, fields: pd.DataFrame, tickets: pd.Series, repeats: Mask) -> int:
    """How many of the repeated rows differ from another row of their ticket."""
    if not repeats.any():
        return 0
    keys = joined((fields["source"], tickets))
    content = joined(rows.frame[name] for name in sorted(rows.frame.columns))
    equal = pd.DataFrame({"key": keys, "content": content}).duplicated(keep=False).to_numpy()
    return int((repeats & ~equal).sum())


def _satisfied_rows(fields: pd.DataFrame, tickets: pd.Series, where: Mask, secret: bytes) -> pd.DataFrame:
    if not where.any():
        return empty(SATISFIED)
    where = _without_repeats(fields, tickets, where)
    part = fields[where]
    keys = keyed_hashes(joined((part["source"], tickets[where])), secret, "satisfied")
    return conform(part.assign(source_key=keys, operator=part.get("operator")).reset_index(drop=True), SATISFIED)


def _finished(
    fields: pd.DataFrame, rows: _Rows, tickets: pd.Series, numbers: pd.Series, taken: Mask, secret: bytes
) -> pd.DataFrame:
    """The rows taken as table ``complaints``: masked, classified, pseudonymised."""
    part, tickets = fields[taken], tickets[taken]
    # Masked before they are cut: half a number at the end would be known for none.
    texts = mask(rows.text("text")[taken]).str.slice(0, TEXT_LIMIT)
    places = mask(rows.text("place_text")[taken]).str.slice(0, PLACE_LIMIT)
    ids = keyed_hashes(joined((part["source"], tickets)), secret, "complaint")
    customers = keyed_hashes(numbers[taken], secret, "customer")
    own = _reporter_keys(part, tickets, tickets.str.startswith("row-") & customers.isna(), secret)
    classes = classes_of(texts, mask(rows.text("class")[taken]))
    said = {name: _first(part, name, classes[name]) for name in CLASS_COLUMNS}
    said["direction"] = said["direction"].fillna(directions(classes["class"], customers, part))
    said["language"] = _first(part, "language", language_of(texts))
    frame = part.assign(
        text=texts,
        place_text=places,
        ticket_no=shown_tickets(tickets, secret),
        complaint_id=ids,
        customer_key=customers.fillna(own),
        **said,
    )
    return conform(frame.reset_index(drop=True), COMPLAINTS)


def _first(given: pd.DataFrame, name: str, read: pd.Series) -> pd.Series:
    """What the file states, else what the text says."""
    return given[name].fillna(read) if name in given else read


def _reporter_keys(part: pd.DataFrame, tickets: pd.Series, where: pd.Series, secret: bytes) -> pd.Series:
    """Customers of a source that names none: reports of an operator from one place have one reporter (0015)."""
    if not where.any():
        return pd.Series(None, index=part.index, dtype="str")
    operator = part["operator"] if "operator" in part else pd.Series(None, index=part.index, dtype="str")
    names = joined((part["source"], reporters(operator, part["lat"], part["lon"])))
    placed = part["lat"].notna() & part["lon"].notna()
    return keyed_hashes(names.where(placed, tickets).where(where).astype("str"), secret, "customer-row")
