import re

import pytest

from tests.meta.source import texts

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile("/" + r"(?:work|root)/|/" + r"home/\w+/|[A-Z]:\\" + "Users"),
    "a package registry": re.compile("pypi" + r"\.org|files\.python" + "hosted|--index" + "-url|registry" + r"\.npmjs"),
    "a private key": re.compile("^-----BEGIN " + r"(?:\w+ )?PRIVATE KEY-----$"),
    "a note to oneself": re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|XX" + r"X)\b"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_repository_holds_no(what: str) -> None:
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_what_is_switched_off_names_its_rule_and_reason() -> None:
    bare = re.compile(r"#\s*(?:type: ignore(?!\[)|no" + r"qa(?!: [A-Z])|pragma: no " + r"cover\s*$)")
    silent = re.compile(r"#\s*(?:type: ignore\[[\w, -]+\]|no" + r"qa: [A-Z0-9, ]+)\s*$")
    found = [
        f"{name}:{number}"
        for name, text in texts()
        if name.startswith("facade/") and name.endswith(".py")
        for number, line in enumerate(text.splitlines(), 1)
        if bare.search(line) or silent.search(line)
    ]
    assert found == []
