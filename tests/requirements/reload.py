"""Compiling apart, keeping, and replacing a contract while it serves."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
