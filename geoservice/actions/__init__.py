"""From causes to work: what to do, who does it by when, what it brings, what it harms, and whether it helped."""

from geoservice.actions import response
from geoservice.actions.catalogue import Action, Script, actions, scripts
from geoservice.actions.effect import Effect, effect
from geoservice.actions.masts import surroundings
from geoservice.actions.plan import plan
from geoservice.actions.proofs import CounterShift, Samples
from geoservice.actions.response import ResponseCurve
from geoservice.actions.sites import with_sites
from geoservice.actions.verify import Verification, controls_of, verify

__all__ = [
    "Action",
    "CounterShift",
    "Effect",
    "ResponseCurve",
    "Samples",
    "Script",
    "Verification",
    "actions",
    "controls_of",
    "effect",
    "plan",
    "response",
    "scripts",
    "surroundings",
    "verify",
    "with_sites",
]
