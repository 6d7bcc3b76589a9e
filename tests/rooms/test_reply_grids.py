"""Rows as data."""

import pytest

from facade.reply import Column, Grid, Manner, answered
from facade.reply.grids import CELL_LIMIT, MAX_COLUMNS, MAX_ROWS
from tests.requirements import requirement
from tests.rooms.reply_samples import answer, call, operation

INVOICES = operation("List invoices")


def grids(body, schema=None):
    op = operation("List invoices", schema=schema) if schema else INVOICES
    return answered(op, call(op), answer(body), Manner()).tables


def only(body, schema=None):
    (grid,) = grids(body, schema)
    return grid


@requirement("chat:tables:data")
def test_rows_keep_their_values_and_columns_their_kinds():
    rows = [
        {
            "id": "a",
            "paid": True,
            "due_on": "2026-01-02",
            "seen_at": "2026-01-02T03:04:05Z",
            "total": 5,
            "currency": "eur",
        },
        {"id": "b", "paid": None, "due_on": None, "seen_at": None, "total": "7.50", "currency": "EUR"},
    ]
    grid = only({"items": rows, "total": 9})
    kinds = {column.name: (column.kind, column.currency) for column in grid.columns}
    assert kinds == {
        "id": ("text", ""),
        "total": ("money", "EUR"),
        "due_on": ("date", ""),
        "currency": ("text", ""),
        "seen_at": ("moment", ""),
        "paid": ("boolean", ""),
    }
    assert [dict(zip(kinds, row, strict=True)) for row in grid.rows] == rows
    assert (grid.title, grid.total, grid.more) == ("Invoices", 9, True)


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([{"n": 1}, {"n": 2.5}], Column(name="n", title="N", kind="number")),
        ([{"n": 1}, {"n": "2"}], Column(name="n", title="N", kind="text")),
        ([{"n": True}, {"n": 1}], Column(name="n", title="N", kind="text")),
        ([{"total": 1}, {"total": "2.00"}], Column(name="total", title="Total", kind="money")),
        ([{"total": 1}, {"total": "x"}], Column(name="total", title="Total", kind="text")),
        ([{"on": "2026-01-02"}, {"on": "soon"}], Column(name="on", title="On", kind="text")),
    ],
)
def test_a_column_has_one_kind_or_is_text(rows, column):
    assert only(rows).columns == (column,)


def test_a_number_that_not_everybody_can_hold_is_told_as_text():
    grid = only([{"id": 2**64 + 1}, {"id": 7}])
    assert (grid.columns[0].kind, grid.rows) == ("text", (("18446744073709551617",), (7,)))


def test_amounts_in_hundredths_and_in_several_currencies_are_told_so():
    euros = [{"amount_cents": 150, "currency": "EUR"}]
    assert only(euros).columns[0] == Column(
        name="amount_cents", title="Amount cents", kind="money", currency="EUR", minor=True
    )
    mixed = [{"amount_cents": 150, "currency": "EUR"}, {"amount_cents": 2, "currency": "CHF"}]
    assert only(mixed).columns[0] == Column(name="amount_cents", title="Amount cents", kind="money")


def test_a_nested_value_is_shown_by_name_or_counted():
    row = {
        "customer": {"id": 7, "name": "Acme"},
        "shape": {"a": 1, "b": 2},
        "none": {},
        "tags": ["a", "b"],
        "people": [{"name": "Ann"}, {"name": "Bob"}],
        "matrix": [[1], [2]],
        "odd": [{"x": 1}],
        "id": 1,
    }
    grid = only([row, row])
    cells = dict(zip([c.name for c in grid.columns], grid.rows[0], strict=True))
    assert cells == {
        "id": 1,
        "customer": "Acme",
        "shape": "2 entries",
        "tags": "a, b",
        "people": "Ann, Bob",
        "matrix": "2 entries",
        "odd": "1 entries",
    }


def test_the_lists_inside_one_record_are_grids_of_their_own():
    body = {"from": "2026-01-01", "months": [{"month": "2026-01", "count": 3}], "notes": ["a"], "more": 1}
    schema = {
        "properties": {"months": {"title": "By month", "items": {"properties": {"count": {"title": "How many"}}}}}
    }
    (grid,) = grids(body, schema)
    assert grid == Grid(
        title="By month",
        columns=(
            Column(name="count", title="How many", kind="number"),
            Column(name="month", title="Month", kind="text"),
        ),
        rows=((3, "2026-01"),),
    )


@requirement("chat:tables:data")
def test_size_is_bounded():
    wide = {f"field_{n}": "x" * 500 for n in range(40)}
    grid = only([wide] * (MAX_ROWS + 5))
    assert (len(grid.rows), len(grid.columns), grid.more) == (MAX_ROWS, MAX_COLUMNS, True)
    assert {len(cell) for row in grid.rows for cell in row} == {CELL_LIMIT + 1}


@requirement("reply:untrusted:inert")
def test_invisible_characters_are_left_out_and_markup_is_text():
    grid = only([{"name": "a\u202eb\x1b[31m <b>|`*"}], {"items": {"properties": {"name": {"title": "N\u200bame"}}}})
    assert (grid.rows, grid.columns[0].title) == ((("ab <b>|`*",),), "Name")


@pytest.mark.parametrize("body", [[], [1, 2], [{"id": 1}, 2], {"id": 1, "name": "x"}, "text", {}, None])
def test_what_is_no_table_has_none(body):
    assert grids(body) == ()
