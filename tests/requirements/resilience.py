"""Applications that fail, and many addresses of one."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
