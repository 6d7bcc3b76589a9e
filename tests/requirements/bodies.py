"""Bodies and schemas of every kind."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
