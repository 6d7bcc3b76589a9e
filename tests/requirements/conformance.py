"""Contract tests of an application against its description."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
