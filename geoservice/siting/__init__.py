"""Where to build: site-build requests from hotspots, and the cheapest plan for a demand map."""

from geoservice.siting.clusters import clusters
from geoservice.siting.need import Refusal
from geoservice.siting.plan import SitePlan, solve
from geoservice.siting.priority import priority
from geoservice.siting.problem import SiteType, read_candidates, read_problem
from geoservice.siting.proposal import site_cells
from geoservice.siting.requests import Considered, consider
from geoservice.siting.states import STATES, Move, move

__all__ = [
    "STATES",
    "Considered",
    "Move",
    "Refusal",
    "SitePlan",
    "SiteType",
    "clusters",
    "consider",
    "move",
    "priority",
    "read_candidates",
    "read_problem",
    "site_cells",
    "solve",
]
