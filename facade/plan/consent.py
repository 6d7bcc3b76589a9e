"""Does this turn, as a whole, say yes or no to an open proposal?

Only a plain word counts (D4): a yes with anything else around it ("yes but only the first") consents to nothing and is
read as a request of its own.
"""

import re
from typing import Final

_YES: Final = re.compile(
    r"""y|yes|yes\ please|yep|yeah|ok|okay|sure|confirm|confirmed|i\ confirm|approve|approved|i\ approve|do\ it
    |go\ ahead|please\ do|proceed|yes\ do\ it|yes\ go\ ahead
    |是|是的|好|好的|可以|行|确认|同意|批准|确定|执行|没问题""",
    re.VERBOSE,
)
_NO: Final = re.compile(
    r"""n|no|no\ thanks|nope|cancel|cancel\ it|cancel\ that|stop|decline|declined|reject|do\ ?n[o']?t|abort|never\ ?mind
    |forget\ it|不|不要|不用|否|取消|算了|拒绝|不同意|不行""",
    re.VERBOSE,
)
_AROUND: Final = re.compile(r"^[\W_]+|[\W_]+$")
"""Spaces and punctuation of any script, at either end."""


def consents(words: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else."""
    plain = " ".join(_AROUND.sub("", words.casefold()).replace("\u2019", "'").replace(",", " ").split())
    if _YES.fullmatch(plain):
        return True
    return False if _NO.fullmatch(plain) else None
