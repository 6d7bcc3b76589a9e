"""A token as text and as claims: everything that is checked besides its signature."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.identity import (
    MAX_TOKEN_BYTES,
    IssuerRules,
    UnverifiedToken,
    check_claims,
    check_header,
    check_pointer,
    pointed,
    read_token,
    strict_json,
)
from facade.kernel import SECOND, Unauthenticated
from tests.requirements import requirement

NOW_S = 1_800_000_000
NOW = NOW_S * SECOND


def part(raw):
    text = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def token(header=b'{"alg":"EdDSA"}', payload=b"{}", signature=b"sig"):
    return f"{part(header)}.{part(payload)}.{part(signature)}"


def rules(**changed):
    fields = {"issuer": "https://id.example", "algorithms": ("EdDSA", "RS256"), "audiences": ("facade",)}
    return IssuerRules(**{**fields, **changed})


def good(**changed):
    values = {"iss": "https://id.example", "sub": "u", "aud": "facade", "iat": NOW_S, "exp": NOW_S + 600}
    return {name: value for name, value in {**values, **changed}.items() if value is not ...}


def test_a_well_formed_token_is_read_as_written():
    text = token({"alg": "EdDSA", "kid": "k"}, {"sub": "u", "n": 1.5})
    assert read_token(text) == UnverifiedToken(header={"alg": "EdDSA", "kid": "k"}, values={"sub": "u", "n": 1.5})


@requirement("SEC-JWT-09")
@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"EdDSA","alg":"none"}', b"{}"),
        (b'{"alg":"EdDSA","alg":"EdDSA"}', b"{}"),
        (b'{"alg":"EdDSA"}', b'{"tenant":"a","tenant":"b"}'),
        (b'{"alg":"EdDSA"}', b'{"tenant":"a","\\u0074enant":"b"}'),
        (b'{"alg":"EdDSA"}', b'{"o":{"a":1,"a":1}}'),
    ],
)
def test_a_member_given_twice_refuses_the_token(header, payload):
    with pytest.raises(Unauthenticated):
        read_token(token(header, payload))


@requirement("SEC-JWT-12")
@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "." * 100_000,
        "e" * 1_000_000,
        token(payload=b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}"),
        token(payload=b'{"a":' + b"[" * 33 + b"]" * 33 + b"}"),
        token(payload={"a": "x" * MAX_TOKEN_BYTES}),
        token() + ".more",
        "\u0435" + token(),
        token(payload=b"[]"),
        token(header=b'"alg"'),
        token(payload=b"{"),
        token(payload=b""),
        token(payload=b"\xff{}"),
        token(payload=b'\xef\xbb\xbf{"a":1}'),
        token(payload=b'{"n":NaN}'),
        token(payload=b'{"n":-Infinity}'),
        token(payload=b'{"n":1e400}'),
        token(payload=b'{"n":' + b"9" * 4000 + b"}"),
        token(payload=b'{"n":' + b"9" * 5000 + b"}"),
        token(payload=b'{"s":"\\ud800"}'),
        token(payload=b'{"\\udc00":1}'),
        token(payload=b'{"l":["\\udc00"]}'),
    ],
)
def test_a_malformed_token_is_refused(text):
    with pytest.raises(Unauthenticated):
        read_token(text)


@requirement("SEC-JWT-20")
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("spoil", ["padding", "newline", "standard alphabet", "loose bits", "empty"])
def test_a_part_in_another_spelling_is_refused(place, spoil):
    parts = token(b'{"alg":"EdDSA","x":"?"}', b'{"sub":"u~~~"} ', b"\xfb\xff\xfe\x01").split(".")
    one = parts[place]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    parts[place] = {
        "padding": one + "=" * (-len(one) % 4 or 4),
        "newline": one + "\n",
        "standard alphabet": one[:-1] + "+",
        "loose bits": one[: len(one) - len(one) % 4] + "A" + last[1],
        "empty": "",
    }[spoil]
    with pytest.raises(Unauthenticated):
        read_token(".".join(parts))


@given(st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: token(payload=raw)))
def test_any_text_is_read_or_refused(text):
    try:
        read = read_token(text)
    except Unauthenticated:
        return
    assert isinstance(read.values, dict)


@requirement("SEC-JWT-01")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, ["EdDSA"], {"EdDSA": 1}, ..., "HS256", 1])
def test_an_algorithm_that_the_issuer_does_not_list_is_refused(alg):
    header = {"alg": alg} if alg is not ... else {}
    with pytest.raises(Unauthenticated):
        check_header(header, rules())


@requirement("SEC-JWT-05")
@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": "b64"},
        {"crit": ["b64", "b64"], "b64": True},
        {"b64": False},
        {"b64": True},
        {"crit": None},
        {"zip": "DEF"},
        {"enc": "A128GCM"},
    ],
)
def test_header_members_that_change_what_is_signed_are_refused(extra):
    with pytest.raises(Unauthenticated):
        check_header({"alg": "EdDSA", **extra}, rules())


@requirement("SEC-JWT-03")
@pytest.mark.parametrize("kid", [1, None, True, [], ["k"], {"k": 1}, "", "k" * 2048])
def test_a_key_id_that_is_no_short_text_is_refused(kid):
    with pytest.raises(Unauthenticated):
        check_header({"alg": "EdDSA", "kid": kid}, rules())


@requirement("SEC-JWT-10")
@pytest.mark.parametrize("typ", ["logout+jwt", "refresh", "id_token", "dpop+jwt", "", None, ["jwt"], 1, "jwt "])
def test_a_token_of_another_type_is_refused(typ):
    with pytest.raises(Unauthenticated):
        check_header({"alg": "EdDSA", "typ": typ}, rules())


@requirement("SEC-JWT-10")
def test_an_absent_type_counts_only_where_it_is_listed():
    with pytest.raises(Unauthenticated):
        check_header({"alg": "EdDSA"}, rules(types=("at+jwt",)))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ({"alg": "EdDSA"}, ("EdDSA", None)),
        ({"alg": "RS256", "kid": "k-1", "typ": "JWT"}, ("RS256", "k-1")),
        ({"alg": "RS256", "kid": "k-1", "typ": "application/at+jwt", "jku": "https://evil.example"}, ("RS256", "k-1")),
    ],
)
def test_the_header_says_which_listed_algorithm_and_which_key(header, found):
    assert check_header(header, rules()) == found


@pytest.mark.parametrize(
    ("values", "changed", "until_s"),
    [
        (good(), {}, NOW_S + 630),
        (good(aud=["facade"]), {"leeway_s": 0}, NOW_S + 600),
        (good(aud=["facade", "other"]), {"allow_extra_audiences": True}, NOW_S + 630),
        (good(aud=...), {"audiences": ()}, NOW_S + 630),
        (good(nbf=NOW_S, jti="x"), {"required": ("jti",)}, NOW_S + 630),
        (good(org={"id": "7"}), {"required": ("org.id",)}, NOW_S + 630),
        (good(exp=NOW_S + 86_400), {}, NOW_S + 86_430),
    ],
)
def test_a_token_in_order_is_valid_until_its_end_and_the_leeway(values, changed, until_s):
    assert check_claims(values, rules(**changed), now=NOW) == until_s * SECOND


@requirement("SEC-JWT-06")
@pytest.mark.parametrize(
    "exp",
    [
        ...,
        None,
        NOW_S - 31,
        NOW_S + 86_401,
        str(NOW_S + 600),
        True,
        [NOW_S + 600],
        {},
        float(NOW_S + 600),
        float("inf"),
        float("nan"),
        10**400,
        -1,
        10**10,
    ],
)
def test_an_end_that_is_not_near_and_whole_is_refused(exp):
    with pytest.raises(Unauthenticated):
        check_claims(good(exp=exp), rules(), now=NOW)


@requirement("SEC-JWT-07")
@given(skew=st.integers(-120, 120), leeway=st.integers(-5, 120), claim=st.sampled_from(["iat", "nbf"]))
def test_a_future_start_is_forgiven_within_the_leeway_and_never_over_a_minute(skew, leeway, claim):
    values = good(**{claim: NOW_S + skew})
    if skew <= min(max(leeway, 0), 60):
        assert check_claims(values, rules(leeway_s=leeway), now=NOW) == (NOW_S + 600 + min(max(leeway, 0), 60)) * SECOND
    else:
        with pytest.raises(Unauthenticated):
            check_claims(values, rules(leeway_s=leeway), now=NOW)


@requirement("SEC-JWT-07")
@given(age=st.integers(-120, 120), leeway=st.integers(0, 120))
def test_an_end_is_passed_exactly_after_the_leeway(age, leeway):
    values = good(iat=NOW_S - 600, exp=NOW_S - age)
    if age < min(leeway, 60):
        check_claims(values, rules(leeway_s=leeway), now=NOW)
    else:
        with pytest.raises(Unauthenticated):
            check_claims(values, rules(leeway_s=leeway), now=NOW)


@pytest.mark.parametrize(
    "changed",
    [{"iat": ...}, {"iat": "1"}, {"iat": True}, {"iat": NOW_S + 601, "exp": NOW_S + 600}, {"nbf": None}, {"nbf": "x"}],
)
def test_a_start_that_is_absent_or_misshapen_is_refused(changed):
    with pytest.raises(Unauthenticated):
        check_claims(good(**changed), rules(leeway_s=60), now=NOW)


def test_a_token_that_ends_before_it_begins_is_refused():
    with pytest.raises(Unauthenticated):
        check_claims(good(iat=NOW_S + 20, exp=NOW_S + 10), rules(), now=NOW)


@requirement("SEC-JWT-08")
@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ...},
        {"aud": None},
        {"aud": ""},
        {"aud": []},
        {"aud": "Facade"},
        {"aud": "facade2"},
        {"aud": "fac"},
        {"aud": "facade/"},
        {"aud": "other"},
        {"aud": ["facade", "other"]},
        {"aud": ["facade", 7]},
        {"aud": [["facade"]]},
        {"aud": {"facade": 1}},
        {"iss": ...},
        {"iss": None},
        {"iss": ["https://id.example"]},
        {"iss": "https://id.example/"},
        {"iss": "https://id.exampl"},
        {"iss": "https://ID.example"},
        {"iss": "https://id.example.evil.example"},
        {"sub": ...},
        {"sub": None},
    ],
)
def test_another_issuer_audience_or_nobody_is_refused(changed):
    with pytest.raises(Unauthenticated):
        check_claims(good(**changed), rules(), now=NOW)


@requirement("SEC-JWT-08")
@pytest.mark.parametrize(
    ("aud", "changed"),
    [("facade", {"audiences": ()}), (["other", "more"], {"allow_extra_audiences": True})],
)
def test_an_audience_that_is_not_ours_is_refused_however_lenient_the_rules(aud, changed):
    with pytest.raises(Unauthenticated):
        check_claims(good(aud=aud), rules(**changed), now=NOW)


def test_a_required_claim_that_is_missing_refuses_the_token():
    with pytest.raises(Unauthenticated):
        check_claims(good(), rules(required=("client_id",)), now=NOW)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(alphabet=st.characters(codec="utf-8"), max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abc", max_size=3), inner),
        max_leaves=20,
    )
)  # fmt: skip
def test_strict_json_reads_what_any_writer_of_json_writes(value):
    assert strict_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", ({"a/b": [1, {"~": None}], "": 2},)),
        ("/a~1b/0", (1,)),
        ("/a~1b/1/~0", (None,)),
        ("/", (2,)),
        ("/a~1b/2", None),
        ("/a~1b/01", None),
        ("/a~1b/-", None),
        ("/a~1b/\u0661", None),
        ("/a~1b/" + "9" * 30, None),
        ("/a~1b/0/x", None),
        ("/missing", None),
    ],
)
def test_a_pointer_names_one_value_or_none(pointer, found):
    assert pointed({"a/b": [1, {"~": None}], "": 2}, pointer) == found


@pytest.mark.parametrize(
    ("pointer", "fine"), [("", True), ("/a~0~1", True), ("a", False), ("/a~", False), ("/~2", False)]
)
def test_a_misspelt_pointer_is_told(pointer, fine):
    assert (check_pointer(pointer) is None) is fine
