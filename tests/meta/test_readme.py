import re
import shlex

import pytest

from facade.cli import COMMANDS, run
from tests.meta.source import ROOT

README = (ROOT / "README.md").read_text()
PAGES = [README, *(p.read_text() for folder in ("docs", "deploy") for p in (ROOT / folder).glob("*.md"))]


def commands(program: str) -> list[list[str]]:
    """Every line of a shell block that calls this program, and every such piece of code in a sentence."""
    blocks = re.findall(r"^```(?:sh|console|bash)\n(.*?)^```", "\n".join(PAGES), re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    lines += [code for page in PAGES for code in re.findall(r"`((?:facade|make) [^`\n]+)`", page)]
    words = [
        shlex.split(line.replace("[", "").replace("]", ""), comments=True)
        for line in lines
        if line.startswith(f"{program} ")
    ]
    return [each for each in words if len(each) > 1]


def test_the_readme_begins_with_its_two_commands() -> None:
    shown = [words[1] for words in commands("make")]
    assert {"demo", "test"} <= set(shown)


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {words[1] for words in commands("make")} <= targets


def test_every_command_and_option_that_a_page_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = []
    for words in commands("facade"):
        name, options = words[1], [w.partition("=")[0] for w in words[2:] if w.startswith("-")]
        if name in COMMANDS:
            assert run([name, "--help"], environ={}) == 0
            told = re.findall(r"(?<![\w-])--?[a-z][\w-]*", capsys.readouterr().out)
            unknown += [f"{name} {option}" for option in options if option not in told]
        elif not name.startswith("-") and name.isalpha() and name.islower():
            unknown.append(name)
    assert unknown == []
