"""Results as files for people: hotspots with their causes and actions, dossiers with maps before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoservice import actions, diagnosis, export
from geoservice.config import Config
from geoservice.errors import NotEnoughData
from geoservice.export import Context, ExportReport
from geoservice.export.titles import Language
from geoservice.pipeline import RadioWorld
from geoservice.records import CellChange
from geoservice.service.run_view import RunView
from geoservice.store import Store

# Half the side of the square of hexes drawn in a dossier, in degrees of latitude (about 2.8 km).
_DRAWN_DEG = 0.025
_OTHERS = {"zh": "；另有可能：", "en": "; or else: "}


def hotspots_told(view: RunView) -> pd.DataFrame:
    """Hotspots with the cause, its evidence and the first action in words, and the requests they led to."""
    facts = {str(row["subject_id"]): row for row in view.evidence.to_dict("records")}
    causes = {str(s): part for s, part in view.diagnoses.groupby("subject_id", sort=False)}
    firsts = view.actions.drop_duplicates("subject_id").set_index("subject_id")
    asked = view.site_requests().groupby("hotspot_id")["request_no"].agg(", ".join)
    spots = view.hotspots
    told = pd.DataFrame([_cause(causes.get(str(s)), facts.get(str(s), {})) for s in spots["hotspot_id"]])
    columns = {"action": "action", "action_zh": "sentence_zh", "action_en": "sentence_en", "department": "department",
               "due": "due", "net_customers": "net_customers"}  # fmt: skip
    work = {ours: spots["hotspot_id"].map(firsts[theirs]) for ours, theirs in columns.items()}
    return spots.assign(**{str(n): told[n].to_numpy() for n in told}, **work,
                        site_requests=spots["hotspot_id"].map(asked))  # fmt: skip


def _cause(found: pd.DataFrame | None, facts: Mapping[Any, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(("cause", "confidence", "cause_zh", "cause_en"))
    if found is None or found.empty:
        return empty | dict.fromkeys(("evidence", "contradictions", "missing"))
    rows = found[found["shown"].astype(bool)].sort_values("rank").to_dict("records") or found.to_dict("records")[:1]
    evidence = {str(k): v for k, v in facts.items()}
    said = [diagnosis.cause_sentences({str(k): v for k, v in row.items()}, evidence) for row in rows]
    words = {
        f"cause_{lang}": said[0][i] + "".join(_OTHERS[lang] + other[i] for other in said[1:])
        for i, lang in enumerate(("zh", "en"))
    }
    kept = ("cause", "confidence", "evidence", "contradictions", "missing")
    return {name: rows[0][name] for name in kept} | words


def write(
    store: Store, view: RunView, frame: pd.DataFrame, path: Path, layer: str, language: Language, config: Config,
    radio: Callable[[], RadioWorld | None],
) -> ExportReport:  # fmt: skip
    """Write a result table; a page of site requests gets its maps, charts and evidence.

    Parameters
    ----------
    radio : gives the radio prediction; asked only for a dossier.
    """
    if layer == "site_requests" and path.suffix.lower() == ".html":
        context = _contexts(store, view, config, radio())
        return export.write(frame, path, layer=layer, language=language, context_of=context)
    return export.write(frame, path, layer=layer, language=language)


def _contexts(
    store: Store, view: RunView, config: Config, radio: RadioWorld | None
) -> Callable[[Mapping[str, Any]], Context]:
    spots = {str(row["hotspot_id"]): row for row in view.hotspots.to_dict("records")}
    curve = _curve(store, view, config)

    def of(request: Mapping[str, Any]) -> Context:
        spot = spots.get(str(request.get("hotspot_id")))
        return Context(
            hotspot=None if spot is None else {str(k): v for k, v in spot.items()},
            diagnoses=view.diagnoses,
            actions=view.actions,
            coverage=_around(view.coverage, float(request["lat"]), float(request["lon"])),
            what_if=_built(view, request, radio),
            curve=curve,
        )

    return of


def _around(coverage: pd.DataFrame, lat: float, lon: float) -> pd.DataFrame:
    wide = _DRAWN_DEG / max(float(np.cos(np.radians(lat))), 0.1)
    near = (coverage["lat"] - lat).abs().le(_DRAWN_DEG) & (coverage["lon"] - lon).abs().le(wide)
    return coverage[near].reset_index(drop=True)


def _built(view: RunView, request: Mapping[str, Any], radio: RadioWorld | None) -> pd.DataFrame | None:
    """The what-if of the proposed site; none for indoor systems and requests of older runs."""
    cells = request.get("new_cells")
    if radio is None or not isinstance(cells, list) or not cells:
        return None
    changes = [CellChange(str(cell["cgi"]), "new", None, cell) for cell in cells]
    return radio.what_if(changes, view.coverage[["hex", "customers"]])


def _curve(store: Store, view: RunView, config: Config) -> pd.DataFrame | None:
    """How complaints answer to the level on these data; none where that cannot be told."""
    accepted = store.read("complaints", ["accepted_at"])["accepted_at"]
    days = (accepted.max() - accepted.min()).total_seconds() / 86_400 if len(accepted) else 0.0
    try:
        return actions.response.fit(view.hex_rates, view.coverage, max(1.0, days), config).curve()
    except NotEnoughData:
        return None
