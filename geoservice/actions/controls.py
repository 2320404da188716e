"""Control hexes: alike in exposure and class mix, out of the treated place's reach."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice import grid

# Hexes this near may share the cure or the trouble of the treated place.
GUARD_RINGS = 2
CONTROLS_PER_TREATED = 10


def match_controls(here: set[int], cases: pd.DataFrame, coverage: pd.DataFrame, before_day: float) -> set[int]:
    """Hexes nearest to the treated ones in log exposure, class mix and earlier complaints.

    Parameters
    ----------
    here : treated hexes.
    cases : ``hex``, ``class``, ``day`` (days since the action).
    coverage : table COVERAGE; only hexes with exposure can be controls.
    before_day : only complaints before this day choose the controls. Days that are compared later
        must not choose them: what was high by chance falls back by itself (regression to the mean).
    """
    exposed = coverage[coverage["customers"].fillna(0) > 0][["hex", "customers"]].drop_duplicates("hex")
    far = exposed[~exposed["hex"].isin(grid.disk(np.array(sorted(here), np.int64), GUARD_RINGS))]
    inside = exposed[exposed["hex"].isin(here)]
    if not len(far) or not len(inside):
        return set()
    traits = _traits(exposed, cases, before_day)
    target = traits.loc[inside["hex"]].mean()
    others = traits.loc[far["hex"]]
    spread = traits.std().replace(0, 1.0).fillna(1.0)
    distance = (((others - target) / spread) ** 2).sum(axis=1)
    wanted = min(len(others), CONTROLS_PER_TREATED * len(inside))
    return {int(h) for h in distance.nsmallest(wanted).index}


def _traits(exposed: pd.DataFrame, cases: pd.DataFrame, before_day: float) -> pd.DataFrame:
    """Per hex: log exposure, log earlier complaints, share of the commonest classes among its complaints."""
    earlier = cases[cases["day"] < before_day]
    classes = earlier["class"].value_counts().head(4).index
    counts = pd.crosstab(earlier["hex"], earlier["class"]).reindex(columns=classes, fill_value=0)
    counts = counts.reindex(exposed["hex"].to_numpy(), fill_value=0)
    total = counts.sum(axis=1).to_numpy(float)
    mix = counts.to_numpy(float) / np.maximum(total, 1.0)[:, None]
    frame = pd.DataFrame(mix, index=exposed["hex"].to_numpy(), columns=[str(c) for c in classes])
    return frame.assign(exposure=np.log(exposed["customers"].to_numpy(float)), earlier=np.log1p(total))
