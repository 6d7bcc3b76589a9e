"""Text of strangers, made safe to show (SEC-PI-07).

Two things happen, in this order: what a reader cannot see is taken out or made visible, and what a Markdown renderer
would act upon is escaped. An address becomes code, because renderers link bare addresses and a link or an image that
a stranger wrote carries data out.
"""

import re
import unicodedata

from facade.reply.phrases import phrase

_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|(?:\x1b\]|\x9d).*?(?:\x07|\x1b\\|\x9c|$)"  # operating system commands: titles, hyperlinks
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f]).*?(?:\x1b\\|\x9c|$)"  # device control and other strings
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
"""Source: ECMA-48, section 5.4; the string forms of section 5.6."""

_BLANK = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029 ]+")

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_UNSEEN = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164, 0xFFA0}
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
"""Code points that draw nothing though their category says otherwise: joiners, fillers, variation selectors."""

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}://|www\.|(?:mailto|data|javascript|vbscript|file|xmpp|tel):(?=\S)"
    r"|(?:[\w-]+\.)+[a-z]{2,24}/)\S+"
    r"|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    r"|(?:[\w-]+\.)+(?:[a-z]{2}|biz|com|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop)(?![\w.])",
    re.IGNORECASE,
)
"""What renderers make links of by themselves. Source: GFM 6.9; linkify-it, its fuzzy hosts included."""

_ACTIVE = re.compile(r"[\\`*|<\[\]~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|\$(?=.*\$)")
"""Active wherever it stands: escapes, code, emphasis, tables, HTML, links, images, mathematics."""

_OPENING = re.compile(r"^(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=_]{3,}\s*$|:)")
_ORDINAL = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
"""Active only where a line begins: headings, quotes, lists, rules."""

_MARGIN = 4
"""How many characters are read for each one shown; the rest of a long text costs nothing."""

_REPLACED = {"<": "&lt;", "&": "&amp;"}


def inert(text: str, limit: int) -> str:
    """One line of at most `limit` characters of the original, safe inside Markdown and table cells."""
    seen = clean(text[: limit * _MARGIN])
    whole = len(seen) <= limit and len(text) <= limit * _MARGIN
    return _escaped(seen) if whole else phrase("cut", text=_escaped(seen[:limit].rstrip()))


def inert_exact(text: str, limit: int) -> str:
    """As `inert`, for what a person consents to: the unseen is shown, as in `⟨U+200B⟩`, and a cut tells its size."""
    head = text[:limit].replace("\r\n", "\n")
    seen = _escaped("".join(_shown(c) for c in head))
    return seen if len(text) <= limit else phrase("cut_told", text=seen, more=len(text) - limit)


def clean(text: str) -> str:
    """One line without control, direction, zero-width, tag or otherwise invisible characters. Not yet escaped."""
    flat = _BLANK.sub(" ", _ANSI.sub("", text))
    return "".join(c for c in flat if not _unseen(c)).strip()


def code(text: str) -> str:
    """A code span that holds its text to the end: nothing in it is active, no backtick can close it early."""
    return "`" + clean(text).replace("`", "%60").replace("|", "%7C") + "`"


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN_CATEGORIES or ord(char) in _UNSEEN


def _shown(char: str) -> str:
    if char == "\n":
        return " ⏎ "
    return f"⟨U+{ord(char):04X}⟩" if _unseen(char) or (char.isspace() and char != " ") else char


def _escaped(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        parts += (_passive(text[end : match.start()]), code(match[0]))
        end = match.end()
    safe = "".join((*parts, _passive(text[end:])))
    return _ORDINAL.sub(r"\1\\\2", _OPENING.sub(r"\\\1", safe, count=1), count=1)


def _passive(text: str) -> str:
    return _ACTIVE.sub(lambda m: _REPLACED.get(m[0], "\\" + m[0]), text)
