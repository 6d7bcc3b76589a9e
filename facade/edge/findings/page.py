"""The findings as one page of HTML: no script, one style sheet, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from facade.edge.findings.records import Board, Seen
from facade.kernel import Finding

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Findings</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<header>
<h1>Findings</h1>
<p>Where descriptions and traffic differ. The same as data: ask for <code>application/json</code>.</p>
</header>
<main>
<section aria-labelledby="traffic">
<h2 id="traffic">In traffic <span class="count">{traffic}</span></h2>
{seen}
</section>
<section aria-labelledby="described">
<h2 id="described">In descriptions <span class="count">{descriptions}</span></h2>
{described}
</section>
</main>
</body>
</html>
"""


def page_of(board: Board, *, style: str) -> str:
    """The page. `style` is the address of its style sheet."""
    return _PAGE.format(
        style=escape(style),
        traffic=len(board.seen),
        descriptions=len(board.described),
        seen=_seen(board.seen),
        described=_described(board.described),
    )


def _seen(rows: Sequence[Seen]) -> str:
    if not rows:
        return "<p>Nothing that was looked at differed. Traffic is looked at where <code>observe</code> is set.</p>"
    most = rows[0].times
    head = ("Operation", "API", "Direction", "Rule", "Times")
    return _table(
        head,
        (
            (
                f"<code>{escape(each.operation)}</code>",
                escape(each.api),
                escape(each.direction),
                f"<code>{escape(each.code)}</code>",
                f'<meter min="0" max="{most}" value="{each.times}"></meter> {each.times}',
            )
            for each in rows
        ),
    )


def _described(rows: Sequence[tuple[str, Finding]]) -> str:
    if not rows:
        return "<p>Nothing is wrong with the descriptions.</p>"
    head = ("Severity", "API", "Rule", "What, and the mend", "Where")
    return _table(
        head,
        (
            (
                f'<span class="{finding.severity.value}">{finding.severity.value}</span>',
                escape(api),
                f"<code>{escape(finding.code)}</code>",
                escape(finding.message),
                f"<code>{escape(finding.place)}</code>",
            )
            for api, finding in rows
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{titles}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'
