"""When a ticket must be answered (handbook section 8): the earliest applicable clock counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from geoservice.config import Config
from geoservice.workdays import add_working_days


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline: what is due, when, in words."""

    name: str
    due: datetime
    zh: str
    en: str

    def overdue(self, now: datetime) -> bool:
        """True once the moment has passed."""
        return now > self.due


_HOURS = (("acknowledge", "sla_ack_h", "受理通知与初查", "acknowledge and first check"),)
_DAYS = (
    ("first_reply", "sla_first_reply_wd", "首次答复", "first reply"),
    ("final", "sla_final_wd", "最终答复", "final answer"),
    ("ceiling", "sla_cap_wd", "调查上限", "ceiling of the investigation"),
)


def due_dates(accepted_at: datetime, config: Config, promised_by: datetime | None = None) -> tuple[Clock, ...]:
    """Every clock of a ticket, earliest first.

    Rules conflict: 15 working days are longer than 15 calendar days, so the legal stop is always
    among the clocks; a promise to the customer counts like a rule.

    Parameters
    ----------
    accepted_at : when the first contact was accepted (aware).
    promised_by : what the customer was promised, if anything.
    """
    clocks = [Clock(name, accepted_at + timedelta(hours=config[key]), zh, en) for name, key, zh, en in _HOURS]
    for name, key, zh, en in _DAYS:
        clocks.append(Clock(name, add_working_days(accepted_at, int(config[key]), config.timezone), zh, en))
    legal = accepted_at + timedelta(days=config["sla_legal_calendar_days"])
    clocks.append(Clock("legal", legal, "法定时限", "legal limit"))
    if promised_by is not None:
        clocks.append(Clock("promise", promised_by, "对用户的承诺", "promise to the customer"))
    return tuple(sorted(clocks, key=lambda clock: clock.due))


def next_due(clocks: tuple[Clock, ...], now: datetime) -> Clock:
    """The clock that strikes next; the last one when all have passed."""
    return next((clock for clock in clocks if not clock.overdue(now)), clocks[-1])
