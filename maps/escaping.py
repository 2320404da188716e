"""One way for text to get into a map document.

folium escapes nothing, and ``html.escape`` leaves ``${…}`` and backticks alive inside folium's
template literals. Data therefore travel as JSON in a data block that the browser never runs, and
scripts put them on the page as text nodes; the few texts that stand in markup go through ``esc``.
"""

from __future__ import annotations

import html
from typing import Any

import orjson

_ALSO = str.maketrans({"`": "&#96;", "$": "&#36;", "\\": "&#92;", "{": "&#123;", "}": "&#125;"})


def esc(text: object) -> str:
    """Text for HTML content and quoted attributes, inert inside script template literals too."""
    return html.escape(str(text), quote=True).translate(_ALSO)


def json_block(value: Any) -> str:
    """JSON for a ``<script type="application/json">`` block: nothing in it can end the block."""
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=str).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028")
