"""How signals combine, and the one set of thresholds for every application."""

from collections.abc import Mapping
from math import exp

RANK: Mapping[str, float] = {
    "words": 5.0,
    "core": 3.6,
    "head": 1.8,
    "nesting": 1.2,
    "action": 1.3,
    "verb": 1.3,
    "number": 0.5,
    "contrary": -5.0,
    "required": 1.2,
    "unused": -0.4,
    "unplaced": -1.2,
    "existing": -2.5,
    "evidence": 2.5,
    "identified": 0.2,
    "explained": 2.5,
    "topic": 0.4,
    "fields": 2.0,
    "found_by": 2.0,
}
"""Weights of the signals in an operation's score."""

TRUST: Mapping[str, float] = {
    "bias": -3.6,
    "core": 0.8,
    "named": 5.0,
    "head": 0.2,
    "topic": 0.3,
    "verb": 0.3,
    "required": 2.0,
    "evidence": 1.7,
    "explained": 0.4,
    "found_by": 4.0,
}
"""Weights of the signals in the confidence that the best operation serves the request at all (logistic)."""

REFUSE_BELOW = 0.25
"""Below this confidence nothing fits, and the planner says so."""

ASK_BELOW = 0.37
"""Below this a request that also lacks a required value is refused rather than asked about."""

NEAR = 0.18
"""Two operations closer than this in score are asked about, unless they do the same."""

NEAR_WRITE = 0.3
"""The same where the better one writes."""

MAX_CHOICES = 8
"""Choices that a question offers at most."""


def combined(features: Mapping[str, float]) -> float:
    """An operation's score: a weighted sum; only differences between scores mean something."""
    return sum(RANK.get(name, 0.0) * value for name, value in features.items())


def confidence(features: Mapping[str, float]) -> float:
    """How likely it is that the request asks for this operation, in [0, 1]."""
    z = TRUST["bias"] + sum(TRUST.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + exp(-z))
