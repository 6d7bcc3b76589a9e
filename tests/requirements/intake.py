"""Descriptions as they are in the wild."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
