import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.contract.naming import Route, assign_ids, clean, title_of, words_of
from tests.requirements import requirement


def _route(method: str, path: str, declared: str = "") -> Route:
    return Route(method=method, path=path, place=f"/paths/{path}", declared=declared)


def _ids(*routes: Route) -> list[str]:
    ids, _ = assign_ids(routes)
    return [ids[r.method, r.path] for r in routes]


@pytest.mark.parametrize(
    ("declared", "made"),
    [
        ("listUsers", "listUsers"),
        ("list-users_2", "list-users_2"),
        ("list users/v2.all", "list_users_v2_all"),
        ("", "get_users_id"),
        ("ユーザー", "get_users_id"),
        ("x" * 64, "x" * 64),
    ],
)
def test_an_id_is_kept_where_every_protocol_can_carry_it_and_cleaned_where_not(declared: str, made: str) -> None:
    assert _ids(_route("GET", "/users/{id}", declared)) == [made]


def test_long_ids_are_cut_and_stay_apart() -> None:
    first, second = _ids(_route("GET", "/a", "long." * 20 + "a"), _route("GET", "/b", "long." * 20 + "b"))

    assert first != second
    assert {len(first), len(second)} == {64}


def test_paths_without_any_letters_get_names_too() -> None:
    assert _ids(_route("GET", "/"), _route("POST", "/")) == ["get", "post"]


@requirement("contract:collisions:deterministic", "intake:names:stable")
def test_an_id_that_several_operations_declare_is_nobodys() -> None:
    routes = [_route("GET", "/b", "same"), _route("GET", "/a", "same"), _route("POST", "/a", "same")]
    ids, findings = assign_ids(routes)

    assert ids == {
        ("GET", "/a"): "same_get_a_f302dfbc",
        ("POST", "/a"): "same_post_a_2b964797",
        ("GET", "/b"): "same_get_b_db789e7b",
    }
    assert [(f.code, f.place) for f in findings] == [
        ("operation.id", "/paths//a/operationId"),
        ("operation.id", "/paths//a/operationId"),
        ("operation.id", "/paths//b/operationId"),
    ]


@requirement("contract:collisions:deterministic")
def test_ids_that_differ_in_case_alone_are_told() -> None:
    ids, findings = assign_ids([_route("GET", "/a", "getUser"), _route("GET", "/b", "getuser")])

    assert set(ids.values()) == {"getUser", "getuser"}
    assert [f.code for f in findings] == ["operation.id_case"]


def test_a_made_id_never_takes_a_declared_one() -> None:
    made, declared = _ids(_route("GET", "/users"), _route("GET", "/other", "get_users"))

    assert declared == "get_users"
    assert made.startswith("get_users_")


_CARRIED = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ROUTES = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST"]),
        st.sampled_from(["/a", "/a/b", "/a-b", "/a_b", "/"]),
        st.sampled_from(["", "x", "X", "x y", "get_a_b", "é"]),
    ),
    unique_by=lambda r: r[:2],
)


@requirement("contract:collisions:deterministic", "intake:names:made")
@given(_ROUTES.flatmap(lambda routes: st.tuples(st.just(routes), st.permutations(routes))))
def test_ids_are_unique_and_do_not_depend_on_order(orders: tuple[list[tuple[str, str, str]], ...]) -> None:
    routes, shuffled = ([_route(*r) for r in order] for order in orders)

    ids, _ = assign_ids(routes)

    assert assign_ids(shuffled)[0] == ids
    assert len(set(ids.values())) == len(routes)
    assert all(_CARRIED.fullmatch(name) for name in ids.values())


@requirement("intake:names:stable")
@given(_ROUTES.filter(len))
def test_an_operation_that_comes_or_goes_renames_only_those_whose_name_it_claims(
    described: list[tuple[str, str, str]],
) -> None:
    *others, comer = (_route(*r) for r in described)
    before, after = assign_ids(others)[0], assign_ids([*others, comer])[0]
    claims = {comer.declared, clean(comer.declared) or clean(f"{comer.method.lower()} {comer.path}")}

    assert {before[at] for at in before if after[at] != before[at]} <= claims


@requirement("intake:names:stable")
@given(_ROUTES.filter(len))
def test_a_name_never_passes_to_another_operation_unless_that_one_declares_it(
    described: list[tuple[str, str, str]],
) -> None:
    *others, comer = (_route(*r) for r in described)
    before, after = assign_ids(others)[0], assign_ids([*others, comer])[0]
    owners = {name: at for at, name in before.items()}

    passed = {name for at, name in after.items() if owners.get(name, at) != at}
    assert passed <= {comer.declared}


@requirement("intake:names:made")
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_id_and_any_path_get_a_name_that_every_protocol_can_carry(declared: str, path: str) -> None:
    twins = _ids(_route("GET", f"/{path}", declared), _route("PUT", f"/{path}", declared))

    assert len(set(twins)) == 2
    assert all(_CARRIED.fullmatch(name) for name in twins)


@requirement("intake:names:stable")
def test_a_description_that_declares_the_name_we_would_make_gets_it() -> None:
    twins = [_route("GET", "/a", "same"), _route("PUT", "/a", "same")]
    first = _ids(*twins)[0]

    names = _ids(*twins, _route("GET", "/b", first))

    assert names[2] == first
    assert names[0].startswith("same_get_a_")
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("summary", "declared", "title"),
    [
        ("  List\n all   tickets. ", "x", "List all tickets"),
        ("", "listTicketComments", "List ticket comments"),
        ("", "list_ticket_comments", "List ticket comments"),
        ("", "getHTTPStatus2", "Get HTTP status 2"),
        ("", "チケット一覧", "チケット一覧"),
        ("", "", "GET /x/{id}"),
        ("", "--", "GET /x/{id}"),
        ("word " * 40, "x", ("word " * 16).strip() + "…"),
    ],
)
def test_a_title_is_a_short_human_phrase(summary: str, declared: str, title: str) -> None:
    assert title_of(summary, declared, "GET", "/x/{id}") == title


def test_words_keep_acronyms_whole() -> None:
    assert words_of("createAPIKey-v2") == ["create", "API", "key", "v", "2"]
