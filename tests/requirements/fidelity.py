"""The proxy changes nothing that passes (I6), byte for byte."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
