"""How signals combine, and the one set of thresholds for every application."""

from collections.abc import Mapping
from math import exp

RANK: Mapping[str, float] = {
    "words": 3.0,
    "core": 3.0,
    "head": 1.5,
    "nesting": 0.6,
    "action": 1.4,
    "verb": 0.5,
    "number": 0.6,
    "required": 0.8,
    "unused": -1.2,
    "evidence": 0.8,
    "identified": 0.5,
}
"""Weights of the signals in an operation's score."""

TRUST: Mapping[str, float] = {
    "bias": -3.2,
    "words": 3.0,
    "core": 2.5,
    "head": 1.0,
    "action": 0.7,
    "required": 0.8,
    "unused": -1.0,
    "evidence": 1.0,
}
"""Weights of the signals in the confidence that the best operation serves the request at all (logistic)."""

REFUSE_BELOW = 0.25
"""Below this confidence nothing fits, and the planner says so."""

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
