"""The chat page and what it asks of us."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
