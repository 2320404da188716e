"""What callers may send; unknown fields are refused, strings are bounded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
PlaceText = Annotated[str, StringConstraints(max_length=300)]
Text = Annotated[str, StringConstraints(max_length=4000)]
# JSON's own types and no others: true is no number, "3" is no number, 1 is no truth value.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
YesNo = Annotated[bool, Field(strict=True)]
# Clocks of other systems run ahead a little.
_AHEAD = timedelta(minutes=10)


def _written(value: Any) -> Any:
    """A bare number is no time: seconds, milliseconds and spreadsheet days all look alike."""
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("a time is a text in ISO 8601 with offset")
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[\d.]+\s*", value):
        raise ValueError("a time is a text in ISO 8601 with offset")
    return value


def _happened(value: datetime) -> datetime:
    if value > datetime.now(UTC) + _AHEAD:
        raise ValueError("the time lies in the future")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
PastMoment = Annotated[Moment, AfterValidator(_happened)]
Datum = Literal["WGS84", "GCJ02", "BD09"]


class Strict(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class ComplaintIn(Strict):
    """One complaint. At least one of text and class, and one of lat+lon, place_text and serving_cgi."""

    ticket_no: Short | None = Field(None, description="Number in your system; made up here when absent")
    accepted_at: PastMoment | None = Field(None, description="ISO 8601 with offset; now when absent")
    occurred_from: PastMoment | None = None
    occurred_to: Moment | None = None
    customer_no: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="Phone number; becomes a key and is not stored"
    )
    channel: Short | None = None
    class_: Short | None = Field(None, alias="class", description="Class code when known")
    text: Text | None = Field(None, description="What the customer said")
    place_text: PlaceText | None = None
    lat: Number | None = Field(None, ge=-90, le=90)
    lon: Number | None = Field(None, ge=-180, le=180)
    crs: Datum | None = None
    radius_m: Number | None = Field(None, gt=0, le=100_000)
    serving_cgi: Short | None = None
    rat_shown: Literal["none", "2G", "3G", "4G", "5G"] | None = None
    indoor: YesNo | None = None
    floor: Whole | None = Field(None, ge=-5, le=130)
    terminal_model: Short | None = None
    other_phone_ok: YesNo | None = None
    account_status: Literal["active", "arrears", "suspended", "barred", "throttled"] | None = None
    roaming_country: Annotated[str, StringConstraints(max_length=40)] | None = None
    roaming_operator: Short | None = None
    card_type: Literal["single_mode", "dual_mode", "normal"] | None = None
    prl_version: Short | None = None
    sms_centre: Annotated[str, StringConstraints(max_length=40)] | None = None
    frequency: Literal["once", "several", "daily", "always"] | None = None
    calling_no: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="Number that called; becomes a key and is not stored"
    )
    called_no: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="Number that was called; becomes a key and is not stored"
    )
    call_time: PastMoment | None = None
    direction: Literal["MO", "MT", "both", "unknown"] | None = None
    audio: Literal["UL", "DL", "both", "unknown"] | None = None
    echo_hearer: Literal["customer", "peer", "both", "unknown"] | None = None
    demand: Short | None = None
    event_note: Text | None = Field(None, description="Events and what the customer did")
    dispatch: bool = Field(False, description="Send it to the field; refused while a field its class needs is missing")

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        populate_by_name=False,
        json_schema_extra={
            "examples": [
                {
                    "text": "家里信号只有一格，打电话老断",
                    "place_text": "南山区科技园",
                    "terminal_model": "Mate 60",
                    "indoor": True,
                }
            ]
        },
    )


class TextIn(Strict):
    """Words of a customer."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class DiagnosisIn(Strict):
    """A place, and what the customer says about it, if anything."""

    place: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        description="Address, place, cell id or LAT,LON"
    )
    text: Text | None = None
    class_: Short | None = Field(None, alias="class", description="Class code when known")
    serving_cgi: Short | None = None
    indoor: YesNo | None = None
    terminal_model: Short | None = None
    other_phone_ok: YesNo | None = None
    other_sim_ok: YesNo | None = None
    peers_ok: YesNo | None = None
    account_status: Literal["active", "arrears", "suspended", "barred", "throttled"] | None = None
    roaming_country: Annotated[str, StringConstraints(max_length=40)] | None = None


class CallerIn(Strict):
    """Who is on the line (by number, or by one of their tickets), about what and where."""

    customer_no: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    ticket_no: Short | None = None
    class_: Short | None = Field(None, alias="class")
    lat: Number | None = Field(None, ge=-90, le=90)
    lon: Number | None = Field(None, ge=-180, le=180)
    radius_m: Number = Field(100, gt=0, le=100_000)


class RoamingIn(Strict):
    """What is known of a customer whose phone fails abroad."""

    card: Literal["normal", "single_mode", "dual_mode", "sms"] = Field(description="sms: only messages fail")
    country: Annotated[str, StringConstraints(max_length=40)] | None = None
    answers: dict[Annotated[str, StringConstraints(max_length=40)], Literal["yes", "no"]] = Field(
        default_factory=dict, max_length=20, description="Answers by the ``ask`` of earlier steps"
    )


class RunIn(Strict):
    """What to analyse; everything may be left out."""

    since: Moment | None = None
    until: Moment | None = None
    class_group: Literal["coverage", "drop", "access", "voice", "data", "terminal", "all"] | None = None
    resolution: Whole | None = Field(None, ge=4, le=11)
    seed: Whole = Field(20260101, ge=0, lt=2**31)
    replicas: Whole = Field(999, ge=99, le=9999)


class ChangeIn(Strict):
    """One change of a cell."""

    cgi: Short
    field: Literal["azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "rs_power_dbm", "height_m", "status"]
    value: Number | Literal["off", "active"]


class NewCellIn(Strict):
    """A cell to add."""

    cgi: Short
    lat: Number = Field(ge=-90, le=90)
    lon: Number = Field(ge=-180, le=180)
    rat: Literal["LTE", "NR"] = "LTE"
    frequency_mhz: Number = Field(gt=400, lt=100_000)
    bandwidth_mhz: Number = Field(20, gt=0, le=400)
    height_m: Number = Field(25, ge=1, le=150)
    azimuth_deg: Number | None = Field(None, ge=0, le=360)
    elec_tilt_deg: Number = Field(6, ge=-5, le=20)
    mech_tilt_deg: Number = Field(0, ge=-5, le=20)
    rs_power_dbm: Number = Field(15, ge=-60, le=50)
    gain_dbi: Number = Field(15, ge=0, le=28)


class NewSiteIn(Strict):
    """A site to try: its type's antennas on the neighbours' carrier."""

    lat: Number = Field(ge=-90, le=90)
    lon: Number = Field(ge=-180, le=180)
    type: Literal["macro", "micro"] = "macro"
    height_m: Number | None = Field(None, ge=1, le=150)
    azimuths: list[Annotated[Number, Field(ge=0, le=360)]] = Field(default_factory=list, max_length=6)


class WhatIfIn(Strict):
    """Changes to try together."""

    changes: list[ChangeIn] = Field(default_factory=list, max_length=50)
    new_cells: list[NewCellIn] = Field(default_factory=list, max_length=12)
    new_sites: list[NewSiteIn] = Field(default_factory=list, max_length=4)
    hotspot: Short | None = Field(None, description="Count the gain as its work orders do: around this hotspot")


class DecisionIn(Strict):
    """The next state of a site-build request."""

    state: Literal["submitted", "approved", "built", "refused", "draft"]
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None
    by: Short | None = None
