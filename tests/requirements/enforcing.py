"""Holding proxied traffic to the contract, and showing where it differs."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "enforcing:requests:held": Requirement(
        "Where it is enforced, a request that differs from its operation never reaches the application.", "issue 3"
    ),
    "enforcing:responses:held": Requirement(
        "Where it is enforced, an answer that differs never reaches the client.", "issue 3"
    ),
    "enforcing:undescribed": Requirement("Requests that nothing describes pass or are refused, by setting.", "issue 3"),
    "findings:shown": Requirement(
        "Findings of the description and of traffic are told by operation and rule, as a page and as data.", "issue 3"
    ),
    "findings:guarded": Requirement("Metrics and findings want the monitoring token where there is one.", "issue 3"),
}
