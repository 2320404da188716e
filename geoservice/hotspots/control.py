"""One false-discovery control over the findings of all class groups, and how many replicates it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geoservice.records import Progress
from geoservice.stats.lattice import LatticeScan, LatticeSearch, Window
from geoservice.stats.montecarlo import Distribution
from geoservice.stats.multiple import benjamini_hochberg, selected_families


@dataclass(frozen=True)
class Finding:
    """A window of one group that stands out.

    p_adjusted : after the control over all groups; limit : the raw p-value up to which windows are reported;
    distribution : largest scores of the group's replicates.
    """

    group: str
    window: Window
    p_adjusted: float
    kind: str
    distribution: Distribution
    limit: float


def settle(scans: Mapping[str, LatticeSearch], alpha: float, progress: Progress) -> None:
    """Draw replicates of every group until more of them cannot change what is reported.

    A window is reported up to a limit that depends on how many groups are selected; both that number and the p-value
    are known within bounds only, which narrow with the draws.
    """
    looks = 0
    while True:
        low, high = _limits(scans, alpha)
        left = {group: scan for group, scan in scans.items() if not scan.settled(low, high)}
        if not left:
            return
        for number, (group, scan) in enumerate(left.items()):
            done = 1.0 - 0.5**looks + 0.5 ** (looks + 1) * number / len(left)
            progress(0.2 + 0.75 * done, f"chance {group}")
            scan.more()
        looks += 1


def _limits(scans: Mapping[str, LatticeSearch], alpha: float) -> tuple[float, float]:
    """Least and largest limit of the raw p-values that the groups' bounds allow."""
    bounds = np.array([scan.primary for scan in scans.values()]).reshape(-1, 2)
    shares = [(benjamini_hochberg(bounds[:, side]) <= alpha).sum() for side in (1, 0)]
    return tuple(alpha * max(int(share), 1) / max(len(bounds), 1) for share in shares)  # type: ignore[return-value]


def controlled(scans: Mapping[str, LatticeScan], kinds: Mapping[str, str], alpha: float) -> list[Finding]:
    """One false-discovery control over all groups: families are groups, selected by their strongest window."""
    primary = np.array([scan.primary_p for scan in scans.values()])
    found = [(group, window, scan) for group, scan in scans.items() for window in scan.windows]
    adjusted = selected_families(primary, [window.p_value for _, window, _ in found])
    limit = alpha * float((benjamini_hochberg(primary) <= alpha).mean()) if len(primary) else 0.0
    findings = [
        Finding(group, window, float(p), kinds[group], scan.distribution, limit)
        for (group, window, scan), p in zip(found, adjusted, strict=True)
        if p <= alpha
    ]
    return sorted(findings, key=lambda f: (-f.window.llr, f.group))
