"""Confidence of causes: C = L * [1 - prod(1 - w q)] * prod(1 - v) (handbook section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config
from geoservice.diagnosis.decision import Decision, Item, Rule, bound
from geoservice.diagnosis.features import Features, level_sigma_db, level_spread_db

Floats = NDArray[np.float64]
MET = 0.5  # an item is met when it is more likely than not that the value meets the threshold
# A level that rests on less than half measurement is a guess that a measurement could overturn.
GUESS_BELOW, GUESSABLE = 0.5, frozenset({"level", "indoor"})
# A measured place is in a regime (hole, weak, fine) when this part of it is; a hotspot may lie in two.
PART = 0.4
BLEND_SAMPLES = 10.0  # handbook section 5: w = n / (n + 10)


@dataclass(frozen=True)
class Answer:
    """An item asked of every subject: quality 0..1, weight (or strength), value; NaN value = unknown."""

    item: Item
    quality: Floats
    weight: Floats
    value: Floats


@dataclass(frozen=True)
class Scored:
    """A rule applied to every subject.

    ``confidence`` as the handbook's formula; ``potential`` what it would be were the unknown
    and the merely predicted items measured and met; ``matched`` every item met (for gates);
    ``decided`` a decisive item met; ``open`` a decisive item unknown or only predicted.
    """

    rule: Rule
    confidence: Floats
    potential: Floats
    matched: NDArray[np.bool_]
    decided: NDArray[np.bool_]
    open: NDArray[np.bool_]
    evidence: tuple[Answer, ...]
    against: tuple[Answer, ...]


class Scorer:
    """Asks the decision table's rules of a table of evidence."""

    def __init__(self, evidence: pd.DataFrame, table: Decision, config: Config) -> None:
        self.features = Features(evidence, config)
        self._table, self._config = table, config
        self._sigma = level_sigma_db(evidence)
        self._spread = np.hypot(self._sigma, level_spread_db(evidence))
        self._part = np.where(evidence["rsrp_basis"].eq("measured").to_numpy(bool), PART, 1.0)
        self._weights = _weights_by_basis(evidence, table)
        self._fresh = _freshness(evidence, config)
        self._location = location_factor(evidence["fix_radius_m"].to_numpy(float), table)
        self._cluster = self.features["is_cluster"]

    def score(self, rule: Rule) -> Scored:
        """One rule for every subject."""
        evidence = (*(self._answer(i) for i in rule.evidence), *self._common(rule))
        against = (*(self._answer(i) for i in rule.against), *self._foreign(rule))
        decided, open_ = _decided(rule, evidence)
        return Scored(
            rule=rule,
            confidence=self._confidence(rule, [(a.weight, a.quality) for a in evidence], against, decided),
            potential=self._confidence(rule, self._if_known(evidence), _known(against), decided | open_),
            matched=np.logical_and.reduce([a.quality >= MET for a in evidence[: len(rule.evidence)]]),
            decided=decided,
            open=open_,
            evidence=evidence,
            against=against,
        )

    def _confidence(
        self, rule: Rule, evidence: list[tuple[Floats, Floats]], against: tuple[Answer, ...], decided: NDArray[np.bool_]
    ) -> Floats:
        support = combine(evidence)
        kept = np.prod([1 - a.weight * a.quality for a in against], axis=0) if against else np.ones(len(support))
        value = support * kept * (self._location if rule.located else 1.0)
        value = np.minimum(value, self._table.numbers["cap"])
        return np.where(decided, value, np.minimum(value, self._table.numbers["undecided_cap"]))

    def _if_known(self, evidence: tuple[Answer, ...]) -> list[tuple[Floats, Floats]]:
        """Weights and qualities were every unknown or merely predicted item measured and met."""
        measured = self._table.weights["measured"]
        unknown = [is_open(a) for a in evidence]
        return [
            (np.where(gap & (a.weight > 0), np.maximum(a.weight, measured), a.weight), np.where(gap, 1.0, a.quality))
            for a, gap in zip(evidence, unknown, strict=True)
        ]

    def _answer(self, item: Item) -> Answer:
        value = 1 - self.features[item.absent] if item.absent else self.features[item.feature]
        quality = value.copy() if item.absent else membership(value, item, self._soft(item), self._config)
        if _is_regime(item):
            quality = np.minimum(quality / self._part, 1.0)
        if item.times:
            quality = quality * np.clip(np.nan_to_num(self.features[item.times]), 0, 1)
        if item.kind in {"level", "sinr", "indoor", "measured"}:
            quality = quality * self._fresh
        weight = self._weights.get(item.kind, np.full(len(value), self._table.weights.get(item.kind, 0.0)))
        return Answer(
            item, np.nan_to_num(quality), np.full(len(value), item.strength) if item.strength else weight, value
        )

    def _soft(self, item: Item) -> Floats:
        if item.soft == "level" and _is_regime(item):
            return self._spread
        return self._sigma if item.soft == "level" else np.full(self.features.rows, float(item.soft))

    def _common(self, rule: Rule) -> tuple[Answer, ...]:
        weights = self._table.weights
        ones = np.ones(self.features.rows)
        cluster = Answer(
            Item("cluster", "is_cluster", kind="cluster"), self._cluster, ones * weights["cluster"], self._cluster
        )
        if not rule.classes:
            return (cluster,)
        share = self.features.of_classes(rule.classes)
        quality = np.clip(share / self._table.numbers["class_full"], 0, 1)
        fits = Item("class_rule", "classes", above=self._table.numbers["class_full"], kind="class")
        return Answer(fits, quality, ones * weights["class"], share), cluster

    def _foreign(self, rule: Rule) -> tuple[Answer, ...]:
        """Customers who complain of something else speak against a cause; silence does not."""
        if not rule.classes:
            return ()
        numbers = self._table.numbers
        share = self.features.of_classes(rule.classes)
        quality = np.clip(1 - share / numbers["class_foreign"], 0, 1) * (self.features["customers"] > 0)
        item = Item("class_rule", "classes", below=numbers["class_foreign"], strength=numbers["class_foreign_strength"])
        return (Answer(item, quality, np.full(len(share), item.strength), share),)


def _is_regime(item: Item) -> bool:
    """A question that decides by the level a place has: part of the place may answer it."""
    return item.kind == "level" and item.decisive


def combine(parts: list[tuple[Floats, Floats]]) -> Floats:
    """Noisy-or 1 - prod(1 - w q) of (weight, quality) pairs.

    >>> round(float(combine([(np.array([0.6]), np.ones(1)), (np.array([0.35]), np.ones(1))])[0]), 2)
    0.74
    """
    return np.asarray(1 - np.prod([1 - w * q for w, q in parts], axis=0))


def membership(value: Floats, item: Item, soft: Floats, config: Config) -> Floats:
    """Probability that the true value meets the item's threshold, normal with deviation ``soft``; NaN unknown."""
    quality = np.ones(len(value))
    if item.above is not None:
        quality = quality * _exceeds(value - bound(item.above, config), soft)
    if item.below is not None:
        quality = quality - (1 - _exceeds(bound(item.below, config) - value, soft))
    return np.where(np.isfinite(value), np.clip(quality, 0, 1), np.nan)


def _exceeds(margin: Floats, soft: Floats) -> Floats:
    from scipy.special import ndtr  # late: scipy costs start-up time

    hard = (margin >= 0).astype(float)
    ratio = np.divide(margin, soft, out=np.zeros(len(margin)), where=soft > 0)
    return np.where(soft > 0, ndtr(ratio), hard)


def location_factor(radius_m: Floats, table: Decision) -> Floats:
    """L of the handbook by the radius of the location; unknown radius counts as the largest."""
    edges = np.array([edge for edge, _ in table.location])
    factors = np.array([factor for _, factor in table.location])
    known = np.where(np.isfinite(radius_m), radius_m, np.inf)
    return np.asarray(factors[np.minimum(np.searchsorted(edges, known), len(edges) - 1)])


def is_open(answer: Answer) -> NDArray[np.bool_]:
    """True where an item has no answer, or only the prediction's answer to a question of level or quality."""
    guessed = (answer.weight < GUESS_BELOW) if answer.item.kind in GUESSABLE else np.zeros(len(answer.weight), bool)
    return np.asarray(~np.isfinite(answer.value) | guessed)


def _decided(rule: Rule, evidence: tuple[Answer, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Decisive evidence met; decisive evidence open."""
    asked = [a for a in evidence if a.item.decisive]
    if not asked:
        everyone = np.ones(len(evidence[0].quality), bool)
        return everyone, ~everyone
    met = np.array([a.quality >= MET for a in asked])
    unknown = np.array([is_open(a) for a in asked])
    if rule.need_all:
        return np.asarray(met.all(axis=0)), np.asarray((met | unknown).all(axis=0) & unknown.any(axis=0))
    return np.asarray(met.any(axis=0)), np.asarray(unknown.any(axis=0))


def _known(against: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Contradictions that would remain were every table there."""
    return tuple(a for a in against if not a.item.absent and not a.item.what.endswith("_open"))


def _weights_by_basis(evidence: pd.DataFrame, table: Decision) -> dict[str, Floats]:
    w = table.weights
    drive = evidence["rsrp_source"].eq("DT").to_numpy(bool)
    measured = np.where(drive, w["drive_test"], w["measured"])
    samples = np.nan_to_num(evidence["rsrp_samples"].to_numpy(float))
    share = samples / (samples + BLEND_SAMPLES)
    blended = w["prediction"] + (w["measured"] - w["prediction"]) * share
    basis = evidence["rsrp_basis"].to_numpy(object)
    guess = np.full(len(basis), w["prediction"])
    level = np.select(
        [basis == "measured", basis == "blended", basis == "assumed"], [measured, blended, guess / 2], guess
    )
    return {
        "level": level,
        # The prediction counts beside a measurement, not twice where the level is the prediction itself.
        "beside": np.where((basis == "measured") | (basis == "blended"), guess, 0.0),
        "sinr": np.where(evidence["sinr_basis"].eq("measured"), w["measured"], w["prediction"]),
        "indoor": np.where(evidence["indoor_basis"].eq("measured"), w["measured"], w["prediction"]),
    }


def _freshness(evidence: pd.DataFrame, config: Config) -> Floats:
    """1 for fresh measurements; beyond the handbook's age limit falling with 1/age, at least 0.3."""
    drive = evidence["rsrp_source"].eq("DT").to_numpy(bool)
    limit = np.where(drive, config["dt_max_age_days"], config["meas_max_age_days"])
    age = np.nan_to_num(evidence["rsrp_age_days"].to_numpy(float), nan=0.0)
    measured = evidence["rsrp_basis"].isin(["measured", "blended"]).to_numpy(bool)
    return np.where(measured & (age > limit), np.maximum(limit / np.maximum(age, 1.0), 0.3), 1.0)
