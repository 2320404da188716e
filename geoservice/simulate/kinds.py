"""The kinds of trouble that can be planted: cause, where, how long, what people say of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of planted problem.

    Parameters
    ----------
    cause : cause code of the handbook's decision table (section 6).
    zones : zones it may lie in (0 core … 3 rural).
    anchor : ``site`` sits on a mast, ``gap`` far from masts, ``people`` where subscribers are.
    radius_m : radius of the affected ground; 0 = half the spacing of sites there.
    customers : least and most complaining customers.
    days : duration; 0 = the whole period.
    classes : complaint class -> weight among its complaints.
    hours : local hours of its complaints; empty = the usual ones.
    """

    cause: str
    zones: tuple[int, ...]
    anchor: str
    radius_m: float
    customers: tuple[int, int]
    days: float
    classes: dict[str, float]
    hours: tuple[int, ...] = ()
    indoor_share: float = 0.45
    tell_cell_share: float = 0.35


KINDS: dict[str, Kind] = {
    "HOLE": Kind("K_HOLE", (2, 3), "gap", 450, (30, 45), 0,
                 {"NO_COVERAGE": 8, "WEAK_SIGNAL": 1.2, "ACCESS_FAILURE": 0.8}, tell_cell_share=0.0),
    "WEAK": Kind("K_WEAK", (2,), "gap", 480, (34, 52), 0,
                 {"WEAK_SIGNAL": 6, "UNSTABLE_SIGNAL": 2, "DROPPED_CALL": 1.2, "CHOPPY_VOICE": 0.8}),
    "NODOM": Kind("K_NODOM", (1,), "gap", 300, (34, 50), 70,
                  {"UNSTABLE_SIGNAL": 5, "CHOPPY_VOICE": 2.2, "DROPPED_CALL": 2, "SLOW_DATA": 0.8}, indoor_share=0.2),
    "OVERSHOOT": Kind("K_OVERSHOOT", (2, 1), "gap", 420, (30, 45), 60,
                      {"DROPPED_CALL": 5, "UNSTABLE_SIGNAL": 4, "WEAK_SIGNAL": 0.6}, tell_cell_share=0.6),
    "INDOOR": Kind("K_INDOOR", (0, 1), "people", 180, (35, 50), 45,
                   {"INDOOR_COVERAGE": 8, "WEAK_SIGNAL": 1, "SLOW_DATA": 0.6}, indoor_share=1.0),
    "OUTAGE": Kind("K_OUTAGE", (2, 1), "site", 0, (38, 58), 0.4,
                   {"NO_COVERAGE": 6, "ACCESS_FAILURE": 2, "WEAK_SIGNAL": 1.5, "SLOW_DATA": 1}),
    "SLEEP": Kind("K_OUTAGE", (1, 2), "site", 0, (30, 42), 4,
                  {"WEAK_SIGNAL": 3, "NO_COVERAGE": 3, "DROPPED_CALL": 2, "SLOW_DATA": 1}, tell_cell_share=0.1),
    "ENERGY": Kind("K_ENERGY", (2, 1), "site", 0, (32, 46), 14,
                   {"NO_COVERAGE": 4, "WEAK_SIGNAL": 4, "ACCESS_FAILURE": 1.5, "DROPPED_CALL": 1},
                   hours=(23, 0, 1, 2, 3, 4, 5)),
    "ULINTF": Kind("K_ULINTF", (1, 0), "site", 0, (36, 52), 12,
                   {"DROPPED_CALL": 4, "ACCESS_FAILURE": 3, "ONE_WAY_AUDIO": 2, "CHOPPY_VOICE": 1.5},
                   tell_cell_share=0.6),
    "CONG": Kind("K_CONG", (0, 1), "site", 0, (42, 60), 14,
                 {"SLOW_DATA": 8, "ACCESS_FAILURE": 2.5}, hours=(17, 18, 19, 20, 21, 22), tell_cell_share=0.55),
    "TX": Kind("K_TX", (1,), "site", 0, (32, 46), 7,
               {"CHOPPY_VOICE": 7, "ONE_WAY_AUDIO": 1.5, "DROPPED_CALL": 0.8}, tell_cell_share=0.6),
    "VOICE": Kind("K_VOICE", (0, 1), "site", 0, (34, 48), 8,
                  {"ONE_WAY_AUDIO": 9, "CHOPPY_VOICE": 1}, tell_cell_share=0.6),
    "ACCESS": Kind("K_ACCESS", (1, 0), "site", 0, (34, 48), 6,
                   {"ACCESS_FAILURE": 9, "NOT_IN_SERVICE_MSG": 1}, tell_cell_share=0.6),
    "NBR": Kind("K_NBR", (1,), "gap", 380, (32, 46), 13,
                {"DROPPED_CALL": 9, "CHOPPY_VOICE": 0.6}, indoor_share=0.1, tell_cell_share=0.6),
    "PCI": Kind("K_PCI", (1,), "gap", 160, (32, 46), 60,
                {"SLOW_DATA": 4, "UNSTABLE_SIGNAL": 3, "DROPPED_CALL": 2}, indoor_share=0.2, tell_cell_share=0.6),
    "ECHO": Kind("K_ECHO", (1, 0), "people", 700, (26, 36), 9, {"ECHO": 9, "CHOPPY_VOICE": 0.5}),
    "TERM": Kind("K_TERM", (1, 0), "people", 1100, (38, 52), 12,
                 {"TERMINAL_SIM": 6, "NO_COVERAGE": 1.5, "WEAK_SIGNAL": 1.5, "SLOW_DATA": 0.7}),
}  # fmt: skip
