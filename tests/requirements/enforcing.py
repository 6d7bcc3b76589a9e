"""Holding proxied traffic to the contract, and showing where it differs."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
