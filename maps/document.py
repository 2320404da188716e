"""The map document: a folium map whose scripts and styles are ours and vendored."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import branca.element
import folium
from folium.template import Template

from maps.escaping import esc, json_block

SCRIPTS = (
    "vendor/leaflet.js",
    "vendor/h3-js.js",
    "geomap/base.js",
    "geomap/hexes.js",
    "geomap/layers.js",
    "geomap/map.js",
)
# The live page draws pictures of itself too; an exported file can be printed.
LIVE_SCRIPTS = (*SCRIPTS, "geomap/picture.js")
STYLES = ("vendor/leaflet.css", "geomap.css")
DATA_BLOCK = "geomap-data"


@cache
def asset(name: str) -> str:
    """Text of a file in ``maps/assets``."""
    return (files("maps") / "assets" / name).read_text("utf-8")


class OfflineMap(folium.Map):
    """folium's map without its content-delivery hosts; nothing it renders leaves the file or the server."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []


class Verbatim(branca.element.Element):
    """Markup that is rendered as it is: branca would read its text as a template, and data could end a raw block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self._text = text

    def render(self, **_kwargs: Any) -> str:
        """The text."""
        return self._text


class DocumentLayers(branca.element.MacroElement):
    """Attaches our layers to the map, fed from the JSON data block of the page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.geomap = GeoMap.fromDocument(
                {{ this._parent.get_name() }},
                JSON.parse(document.getElementById("{{ this.block }}").textContent));
        {% endmacro %}
        """
    )

    def __init__(self, block: str = DATA_BLOCK) -> None:
        super().__init__()
        self._name = "DocumentLayers"
        self.block = block


def self_contained(data: dict[str, Any], *, center: tuple[float, float], zoom: int, title: str, language: str) -> str:
    """One HTML file with everything in it; opens with the network off."""
    map_ = OfflineMap(location=list(center), zoom_start=zoom, tiles=None, prefer_canvas=True, zoom_control=True)
    map_.add_child(DocumentLayers())
    figure = map_.get_root()
    figure.title = None
    head = figure.header
    for name in STYLES:
        head.add_child(Verbatim(f"<style>{asset(name)}</style>"), name=name)
    for name in SCRIPTS:
        head.add_child(Verbatim(f"<script>{_inline(asset(name))}</script>"), name=name)
    head.add_child(Verbatim(f"<title>{esc(title)}</title>"), name="title")
    block = f'<script type="application/json" id="{DATA_BLOCK}">{json_block(data)}</script>'
    figure.html.add_child(Verbatim(block), name="data")
    document: str = figure.render()
    return document.replace("<html>", f'<html lang="{"zh-CN" if language == "zh" else "en"}">', 1)


def _inline(script: str) -> str:
    """A script that can stand inside a script element."""
    return script.replace("</script", "<\\/script")
