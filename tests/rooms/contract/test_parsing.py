import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from facade.contract import parse
from facade.kernel import DescriptionInvalid
from tests.requirements import requirement

_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
_TREES = st.recursive(
    _SCALARS, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=5), t, max_size=3), max_leaves=12
)
_DOCUMENTS = st.dictionaries(st.text(max_size=5), _TREES, max_size=4)


@given(_DOCUMENTS)
def test_json_reads_as_it_was_written(document: dict[str, object]) -> None:
    assert parse(b"\xef\xbb\xbf" + orjson.dumps(document), place="api.json") == document


_PRINTABLE = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=6)


@given(
    st.dictionaries(
        _PRINTABLE, st.lists(_PRINTABLE | st.integers(0, 99) | st.booleans() | st.none(), max_size=3), min_size=1
    )
)
def test_yaml_reads_as_it_was_written(document: dict[str, object]) -> None:
    written = yaml.safe_dump(document, width=10_000, default_style='"')

    assert parse(written.encode(), place="api.yaml") == document


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("~", None),
        ("null", None),
        ("True", True),
        ("false", False),
        ("017", 17),
        ("0o17", 15),
        ("0xff", 255),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1e999", "1e999"),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("! x", "x"),
    ],
)
def test_yaml_scalars_follow_the_core_schema_of_1_2(written: str, read: object) -> None:
    assert parse(f"value: {written}\n".encode(), place="p") == {"value": read}


def test_yaml_keys_become_strings() -> None:
    assert parse(b"200: a\ntrue: b\n~: c\n1e3: d\n&k 5: e\n", place="p") == {
        "200": "a",
        "true": "b",
        "~": "c",
        "1e3": "d",
        "5": "e",
    }
    assert parse(b"a: &k 5\n*k : b\n", place="p") == {"a": 5, "5": "b"}


@pytest.mark.parametrize("raw", [b'{"a": 1, "a": 2}', b"a: 1\na: 2\n"])
def test_of_two_equal_keys_the_last_one_wins(raw: bytes) -> None:
    assert parse(raw, place="p") == {"a": 2}


def test_anchors_aliases_and_merge_keys_work() -> None:
    anchors = b"base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nuse: *b\n"
    raw = anchors + b"one: {<<: *b, y: 9}\ntwo: {<<: [*b, *m, 5]}\nno: {<<: 1}\n"

    assert parse(raw, place="p") == {
        "base": {"x": 1, "y": 2},
        "more": {"y": 3, "z": 4},
        "use": {"x": 1, "y": 2},
        "one": {"y": 9, "x": 1},
        "two": {"x": 1, "y": 2, "z": 4},
        "no": {"<<": 1},
    }


@requirement("contract:description:bounded")
def test_aliases_that_nest_too_deeply_are_refused() -> None:
    chain = "".join(f"a{n}: &a{n} {{x: *a{n - 1}}}\n" for n in range(1, 300))

    with pytest.raises(DescriptionInvalid) as refusal:
        parse(f"a0: &a0 {{}}\n{chain}".encode(), place="api.yaml")

    assert refusal.value.detail == "api.yaml: nested too deeply."


@pytest.mark.parametrize("word", ["18446744073709551616", "-9223372036854775809", "0xfffffffffffffffff"])
def test_whole_numbers_beyond_64_bits_are_read_as_json_reads_them(word: str) -> None:
    assert parse(f"openapi: {word}".encode(), place="x") == {"openapi": float(int(word, 0))}


def test_a_merge_key_in_quotes_is_a_key_like_any_other() -> None:
    assert parse(b'"<<": {a: 1}\nb: 2\n', place="x") == {"<<": {"a": 1}, "b": 2}


_BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b", ".join([b"*%c" % (97 + i)] * 9)) for i in range(20)
)


@requirement("contract:description:bounded", "invariant:errors:clear")
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"just words", id="text"),
        pytest.param(b"{", id="cut JSON"),
        pytest.param(b'{"a": NaN}', id="not JSON"),
        pytest.param(b'{"a":' * 2_000 + b"1" + b"}" * 2_000, id="deep JSON"),
        pytest.param(b'{"a":' * 300 + b"1" + b"}" * 300, id="JSON deeper than we follow"),
        pytest.param(b"a: [", id="cut YAML"),
        pytest.param(b"a: " + b"[" * 100_000, id="deep YAML"),
        pytest.param(b"\xff\xfe\x00", id="not text"),
        pytest.param(b'a: "\x00"', id="control character"),
        pytest.param(b"a: 1\n---\nb: 2\n", id="two documents"),
        pytest.param(b"a: !!python/object/apply:os.getcwd []", id="object tag"),
        pytest.param(b"a: !custom x", id="custom tag"),
        pytest.param(b"a: &a [*a]", id="recursive alias"),
        pytest.param(b"? [a]\n: 1", id="collection as a key"),
        pytest.param(b"a: &a [1]\n? *a\n: 1", id="alias of a collection as a key"),
        pytest.param(_BOMB, id="alias bomb"),
        pytest.param(b"{" + b" " * 100, id="too many bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_that_names_the_place(raw: bytes) -> None:
    with pytest.raises(DescriptionInvalid) as refusal:
        parse(raw, place="there/api.yaml", max_bytes=64 if raw.endswith(b"  ") else 1_000_000)

    assert refusal.value.detail.startswith("there/api.yaml: ")
    assert "\n" not in refusal.value.detail
