"""The table: every case, with what is known to differ and why."""

from dataclasses import replace

from tests.fidelity import cases_answers, cases_dialogues, cases_requests
from tests.fidelity.case import Case
from tests.fidelity.known import DIFFERENT

__all__ = ["CASES", "Case"]


def _told(case: Case) -> Case:
    found, why = DIFFERENT.get((case.kind, case.name), ((), ""))
    return replace(case, found=found, why=why)


_PLAIN = (*cases_requests.cases(), *cases_answers.cases(), *cases_dialogues.cases())
CASES: tuple[Case, ...] = tuple(_told(case) for case in _PLAIN)
