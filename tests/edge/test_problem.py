"""The error table and its two renderers."""

import json

import pytest

from facade.edge.problem import OPAQUE, PROBLEMS, openai_error, openai_error_object, problem_response, problem_type_of
from facade.kernel import (
    SECOND,
    ContextConflict,
    ContractViolation,
    FacadeError,
    Finding,
    InvalidRequest,
    LimitExceeded,
    Micros,
    OutcomeUnknown,
    Overloaded,
    SettingsInvalid,
    Standing,
    Unauthenticated,
)
from tests.requirements import requirement


def leaves(root: type[FacadeError]) -> list[type[FacadeError]]:
    """Leaf classes of the tree that the product defines."""
    below = [leaf for child in root.__subclasses__() for leaf in leaves(child)]
    return below or ([root] if root.__module__.startswith("facade.") else [])


LIMIT = LimitExceeded(
    "10 calls a minute are used up.",
    retry_after=Micros(SECOND + 1),
    policies=("calls", "daily"),
    standing=(Standing(name="calls", amount=10, window=60, remaining=0, reset=2),),
)


@requirement("errors:table:complete")
def test_each_leaf_of_the_error_tree_has_exactly_one_row():
    assert sorted(c.__name__ for c in PROBLEMS) == sorted(c.__name__ for c in leaves(FacadeError))


def test_types_and_codes_are_unique():
    assert len({row.type for row in PROBLEMS.values()}) == len(PROBLEMS)
    assert len({leaf.code for leaf in PROBLEMS}) == len(PROBLEMS)


@requirement("errors:limit:told")
def test_a_limit_is_429_with_its_policies_the_wait_and_the_rate_limit_fields():
    answer = problem_response(LIMIT, request_id="r-1")
    assert answer.status == 429
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
        "title": "Limit reached",
        "status": 429,
        "detail": "10 calls a minute are used up.",
        "code": "limit_exceeded",
        "request_id": "r-1",
        "violated-policies": ["calls", "daily"],
        "retry_after": 2,
    }
    assert {k: v for k, v in answer.headers.items() if k not in {"Content-Type", "Content-Length"}} == {
        "x-request-id": "r-1",
        "Cache-Control": "no-store",
        "Retry-After": "2",
        "RateLimit-Policy": '"calls";q=10;w=60',
        "RateLimit": '"calls";r=0;t=2',
    }


@pytest.mark.parametrize(
    ("error", "status", "facts"),
    [
        (InvalidRequest("no", place="messages[0]"), 400, {"place": "messages[0]"}),
        (InvalidRequest("no"), 400, {}),
        (ContextConflict("no", place="account_id"), 403, {"place": "account_id"}),
        (
            ContractViolation("no", findings=(Finding(code="schema.type", place="/body/x", message="a number"),)),
            422,
            {"findings": [{"code": "schema.type", "place": "/body/x", "message": "a number"}]},
        ),
        (SettingsInvalid("no", findings=()), 422, {}),
        (Overloaded("no", retry_after=Micros(1)), 503, {"retry_after": 1}),
    ],
)
@requirement("invariant:errors:clear")
def test_a_problem_carries_the_facts_of_its_leaf(error, status, facts):
    body = json.loads(problem_response(error, request_id="r").body)
    told = {k: v for k, v in body.items() if k not in {"type", "title", "status", "detail", "code", "request_id"}}
    assert (body["status"], body["detail"], body["code"], told) == (status, "no", error.code, facts)


@pytest.mark.parametrize("error", [RuntimeError("secret in here"), FacadeError("secret in here")])
def test_anything_outside_the_tree_is_one_opaque_500(error):
    for answer in (problem_response(error, request_id="r"), openai_error(error, request_id="r")):
        assert answer.status == 500
        assert b"secret" not in answer.body
    assert problem_type_of(error) is OPAQUE


def test_a_subclass_of_a_leaf_is_told_as_its_leaf():
    class Narrower(Unauthenticated):
        pass

    assert problem_type_of(Narrower("x")) is PROBLEMS[Unauthenticated]


def test_a_refused_credential_says_how_to_present_one_unless_the_entrance_says_it_better():
    assert problem_response(Unauthenticated("x"), request_id="r").headers["WWW-Authenticate"] == "Bearer"
    better = problem_response(Unauthenticated("x"), request_id="r", headers=[("WWW-Authenticate", 'Bearer a="b"')])
    assert better.headers.getall("WWW-Authenticate") == ['Bearer a="b"']


def test_an_openai_error_has_all_four_keys():
    assert openai_error_object(InvalidRequest("no", place="model")) == {
        "message": "no",
        "type": "invalid_request_error",
        "param": "model",
        "code": "invalid_request",
    }
    assert openai_error_object(LIMIT) == {
        "message": "10 calls a minute are used up.",
        "type": "rate_limit_error",
        "param": None,
        "code": "rate_limit_exceeded",
    }


@requirement("chat:retry:discouraged")
@pytest.mark.parametrize(
    ("error", "written", "told"),
    [
        (LIMIT, False, None),
        (LIMIT, True, "false"),
        (OutcomeUnknown("lost"), False, "false"),
        (RuntimeError(), False, "false"),
    ],
)
def test_a_client_is_told_not_to_retry_where_a_write_may_have_run(error, written, told):
    assert openai_error(error, request_id="r", written=written).headers.get("x-should-retry") == told


def test_an_openai_client_is_told_the_wait_in_milliseconds_too():
    answer = openai_error(LIMIT, request_id="r")
    assert (answer.headers["Retry-After"], answer.headers["retry-after-ms"]) == ("2", "1001")


def test_a_lone_surrogate_in_a_message_does_not_break_the_answer():
    assert json.loads(problem_response(InvalidRequest("\ud800"), request_id="r").body)["detail"] == "?"


@pytest.mark.parametrize(("micros", "seconds"), [(0, "1"), (1, "1"), (SECOND, "1"), (SECOND + 1, "2")])
def test_a_wait_is_never_told_too_short(micros, seconds):
    error = Overloaded("no", retry_after=Micros(micros))
    assert problem_response(error, request_id="r").headers["Retry-After"] == seconds
