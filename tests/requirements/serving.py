"""Running: workers, TLS, draining, load, slow clients."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {}
