"""Which values may stand in a path (SEC-PATH-01): a value must stay inside its segment, whatever decodes it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from facade.contract.compiled import CompiledParameter

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DELIMITER: Final = re.compile(r"[/\\%?#;]")
_SEPARATOR: Final = re.compile(r"[/\\]")
_DECODINGS: Final = 2


def unsafe_in_path(piece: str, parameter: CompiledParameter) -> str:
    """Why a text cannot stand in a path; "" when it can. Dot segments and control characters never can.

    URL delimiters can where the parameter's own `enum`, `const` or a pattern that names them admits them.
    """
    if not piece:
        return "cannot be empty in a path"
    for form in _forms(piece):
        if _CONTROL.search(form):
            return "cannot hold control characters in a path"
        if any(_is_dots(part) for part in _SEPARATOR.split(form)):
            return "cannot be or hold a '.' or '..' segment in a path"
    if parameter.reserved or piece in parameter.words:
        return ""
    return "cannot hold any of / \\ % ? # ; in a path" if _DELIMITER.search(piece) else ""


def _forms(piece: str) -> Iterator[str]:
    """The text as it is, as Unicode folds it, and after each of up to two decodings."""
    form = piece
    for _ in range(_DECODINGS + 1):
        yield form
        yield unicodedata.normalize("NFKC", form)
        form = unquote(form)


def _is_dots(part: str) -> bool:
    return part.partition(";")[0].strip() in {".", ".."}
