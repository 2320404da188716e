"""Findings of several groups at one place and time become one hotspot with a class mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoservice.hotspots.control import Finding

# Two findings are one matter when the smaller shares at least half of its hexes with the larger
# and their time spans share at least half of the shorter.
SHARED = 0.5


@dataclass(frozen=True)
class Merged:
    """A leading finding and the groups whose findings coincide with it."""

    lead: Finding
    groups: tuple[str, ...]


def merge(findings: list[Finding]) -> list[Merged]:
    """Hotspots, strongest first; a finding joins the strongest one it coincides with."""
    leads: list[Finding] = []
    groups: list[list[str]] = []
    for finding in findings:
        home = next((i for i, lead in enumerate(leads) if _coincide(lead, finding)), None)
        if home is None:
            leads.append(finding)
            groups.append([finding.group])
        elif finding.group not in groups[home]:
            groups[home].append(finding.group)
    return [Merged(lead, _together(lead.group, names)) for lead, names in zip(leads, groups, strict=True)]


def _together(lead: str, names: list[str]) -> tuple[str, ...]:
    """Groups whose complaints make up the hotspot: all of them when the lead is ``all``."""
    return ("all",) if lead == "all" else tuple(name for name in names if name != "all")


def _coincide(lead: Finding, other: Finding) -> bool:
    mine, yours = lead.window, other.window
    hexes = np.intersect1d(mine.members, yours.members, assume_unique=True).size
    steps = min(mine.stop, yours.stop) - max(mine.start, yours.start)
    shorter = min(mine.stop - mine.start, yours.stop - yours.start)
    return hexes >= SHARED * min(mine.members.size, yours.members.size) and steps >= SHARED * shorter
