"""The command that tries changes of the network: what-if."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoservice.cli import common
from geoservice.cli.words import word
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError
from geoservice.records import CellChange


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("what-if")(what_if)


def what_if(
    change: Annotated[list[str] | None, typer.Option(help="CGI:FIELD=VALUE, e.g. 460-00-1-1:elec_tilt_deg=4.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="Cell to switch off.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="New site LAT,LON[,macro|micro[,HEIGHT_M]].")] = None,
    map_: Annotated[Path | None, typer.Option("--map", help="Page with maps before and after: OUT.html.")] = None,
    language: common.Language = "",
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
) -> None:
    """Coverage before and after changes of the network, new sites and cells switched off."""
    from geoservice.service.trying import site_from_text

    if map_ is not None and map_.suffix.lower() != ".html":
        raise InputError("--map writes a page: give a file that ends in .html", field="map")
    language = common.check_language(language)
    changes = [_change(text) for text in change or []] + [CellChange(cgi, "status", "off") for cgi in off or []]
    sites = [site_from_text(text) for text in site or []]
    with common.service(database, folder, timezone, must_exist=True) as service:
        if map_ is None:
            found = service.what_if_answer(changes, sites)
        else:
            found = service.what_if_page(changes, sites, map_, language)
    if json:
        common.print_json(found)
        return
    for name in ("customers_gained", "customers_lost", "customers_newly_overlapped", "customers_net"):
        common.say(f"{word(name.replace('_', ' '), language)}: {found[name]:,.0f}")
    common.say(f"{word('hexes affected', language)}: {len(found['hexes'])}")
    if not any(row["customers"] for row in found["hexes"]):
        # Nought customers out of none known is no answer about the idea.
        common.say(_NOBODY[language])
    if map_ is not None:
        common.say(f"{word('map', language)}: {map_}")


_NOBODY = {
    "zh": "  注意: 波及范围内没有已知用户，人数为 0 不等于没有影响；请先导入用户分布 (exposure)",
    "en": "  note: no customers are known within reach, so counts of 0 say nothing; import exposure first",
}


def _change(text: str) -> CellChange:
    cgi, colon, rest = text.rpartition(":")
    field, equals, value = rest.partition("=")
    try:
        if not (cgi and colon and equals):
            raise ValueError
        return CellChange(cgi, field.strip(), float(value))
    except ValueError:
        raise InputError(f"change {text!r} is not of the form CGI:FIELD=NUMBER", field="change") from None
