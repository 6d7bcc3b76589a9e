"""Output for people and output for programs."""

import io

import pytest

from facade.cli.tables import show_table
from facade.cli.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO, **environ: str) -> str:
    terminal = Terminal(environ=environ, out=out, err=io.StringIO())
    show_table(terminal, ("name", "value"), [("a", "1\t2\n3"), ("[bold]b", "")])
    terminal.show_json({"a": ["\u00e4", 1]})
    return out.getvalue()


def test_a_pipe_gets_tab_separated_lines_and_json_on_one_line() -> None:
    assert shown(io.StringIO()) == 'name\tvalue\na\t1 2 3\n[bold]b\t\n{"a": ["\u00e4", 1]}\n'


def test_a_screen_gets_a_drawn_table_with_foreign_text_left_as_it_is() -> None:
    text = shown(Screen(), NO_COLOR="1")
    assert "[bold]b" in text
    assert "\u2500" in text
    assert "\x1b[3" not in text
    assert '{\n  "a": [\n' in text


@pytest.mark.parametrize("out", [io.StringIO(), Screen()])
def test_an_empty_table_still_names_its_columns(out: io.StringIO) -> None:
    show_table(Terminal(environ={}, out=out, err=io.StringIO()), ("name",), [])
    assert "name" in out.getvalue()


def test_people_are_told_in_words_that_there_is_nothing_and_programs_get_the_columns() -> None:
    written = []
    for out in (Screen(), io.StringIO()):
        show_table(Terminal(environ={}, out=out, err=io.StringIO()), ("name",), [], empty="There is nothing.")
        written.append(out.getvalue())
    assert written == ["There is nothing.\n", "name\n"]


def test_people_see_counts_whole_and_no_column_of_zeros_while_programs_get_every_column() -> None:
    rows = [("a-rather-long-tenant-name", "12345", "0"), ("b", "7", "0")]
    written = {}
    for kind, out in (("screen", Screen()), ("pipe", io.StringIO())):
        terminal = Terminal(environ={"NO_COLOR": "1"}, out=out, err=io.StringIO())
        show_table(terminal, ("tenant", "calls", "unknown"), rows, counts=("calls", "unknown"))
        written[kind] = out.getvalue()
    assert ("12345" in written["screen"], "unknown" in written["screen"]) == (True, False)
    assert written["pipe"].splitlines()[0] == "tenant\tcalls\tunknown"
