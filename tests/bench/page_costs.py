"""What a page costs on its first visit: first paint, bytes over the wire, requests that leave the host.

``python tests/bench/page_costs.py --database URL`` serves a store that has been analysed (``--server ADDRESS``: a
server that runs already) and opens every page with an empty cache in each language. The paint is what the browser's
own ``PerformanceObserver`` reports, bytes are those the browser received (headers and compressed bodies). Aims: paint
within 1 s, 300 kB, none off-host. Each page is given up after 30 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

PORT = 8767
PAGES = ("/", "/desk", "/planning", "/jobs", "/login", "/docs")
AIM_MS, AIM_KB = 1000.0, 300.0
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
_TIMES = 3
_GIVEN_UP_MS = 30_000
_READY_S = 120.0
_OBSERVE = """
window.__paints = [];
const note = (list) => { for (const one of list.getEntries()) window.__paints.push([one.name, one.startTime]); };
new PerformanceObserver(note).observe({ type: "paint", buffered: true });
"""


def visit(browser: Any, base: str, path: str, language: str = "zh") -> tuple[float, float, int, int]:
    """First contentful paint (ms), kB received, requests and how many of them left the host, cache empty."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    received, asked = [0.0], []
    channel = context.new_cdp_session(page)
    channel.send("Network.enable")
    channel.on(
        "Network.loadingFinished", lambda event: received.__setitem__(0, received[0] + event["encodedDataLength"])
    )
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(_OBSERVE)
    page.goto(f"{base}{path}?lang={language}", wait_until="networkidle", timeout=_GIVEN_UP_MS)
    paints = dict(page.evaluate("window.__paints"))
    context.close()
    outside = [url for url in asked if not url.startswith((base, "data:", "blob:"))]
    return paints.get("first-contentful-paint", -1.0), received[0] / 1024, len(asked), len(outside)


def measured(base: str, paths: tuple[str, ...] = PAGES) -> Iterator[str]:
    """A line for each page and language: the median of three first visits."""
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_FLAGS)
        for path in paths:
            for language in ("zh", "en"):
                visits = sorted(visit(browser, base, path, language) for _ in range(_TIMES))
                paint, size, requests, outside = visits[_TIMES // 2]
                missed = "" if paint <= AIM_MS and size <= AIM_KB and not outside else "  MISSED"
                yield (
                    f"page {path:<10} {language}  first paint {paint:5.0f} ms  {size:5.0f} kB  {requests:2d} requests  "
                    f"{outside} leave the host{missed}"
                )
        browser.close()


def serve(database: str) -> subprocess.Popen[bytes]:
    """A server over ``database`` in a process of its own, warm."""
    command = [sys.executable, "-m", "geoservice.cli", "serve", "--port", str(PORT), "--database", database]
    server = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = time.perf_counter()
    while server.poll() is None and time.perf_counter() - started < _READY_S:
        try:
            if '"warm":true' in urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz").read().decode():
                return server
        except OSError:
            pass
        time.sleep(0.3)
    server.kill()
    raise SystemExit("the server did not come up; is the store analysed?")


def main() -> None:
    """Serve, visit, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", help="URL of a store that has been analysed")
    options.add_argument("--server", help="address of a server that runs already, e.g. http://127.0.0.1:8000")
    chosen = options.parse_args()
    if chosen.server:
        print(*measured(chosen.server.rstrip("/")), sep="\n")
        return
    if not chosen.database:
        raise SystemExit("give --database or --server")
    server = serve(chosen.database)
    try:
        for line in measured(f"http://127.0.0.1:{PORT}"):
            print(line, flush=True)
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
