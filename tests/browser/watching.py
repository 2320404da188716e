"""A page with everything it complained about and asked for, and small questions to it."""

from __future__ import annotations

from typing import Any


class Watched:
    """A page in a context of its own; :meth:`clean` demands a silent console and no request off the host."""

    def __init__(
        self, browser: Any, base: str, *, width: int = 1440, offline: bool = False, language: str = "en-GB"
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=offline, locale=language, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, base))

    def _note(self, url: str, base: str) -> None:
        self.requests.append(url)
        if not url.startswith((base, "data:", "blob:")):
            self.outside.append(url)

    def open(self, address: str) -> Any:
        """Go there and wait until nothing is asked any more."""
        self.page.goto(address, wait_until="networkidle")
        return self.page

    def clean(self) -> None:
        assert self.complaints == []
        assert self.outside == []


def pixels_drawn(page: Any, which: int = 0) -> int:
    """How many pixels of a hex canvas are not transparent."""
    return page.evaluate(
        """(n) => { const c = document.querySelectorAll("canvas.gm-hexes")[n];
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        let k = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) k++; return k; }""",
        which,
    )
