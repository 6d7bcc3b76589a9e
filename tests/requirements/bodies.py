"""Bodies and schemas of every kind."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "schemas:contract:pickles": Requirement(
        "A contract compiled in another process builds, matches and checks as it does here.", "issue 3, intake"
    ),
}
