"""Does this turn, as a whole, say yes or no to an open proposal?

Only a plain word counts (D4): a yes with anything else around it ("yes but only the first") consents to nothing and is
read as a request of its own.
"""

_YES = frozenset(
    (
        "y|yes|yes please|yep|yeah|ok|okay|sure|confirm|confirmed|i confirm|approve|approved|i approve|do it"
        "|go ahead|please do|proceed|yes do it|yes go ahead"
        "|是|是的|好|好的|可以|行|确认|同意|批准|确定|执行|没问题"
    ).split("|")
)
_NO = frozenset(
    (
        "n|no|no thanks|nope|cancel|cancel it|cancel that|stop|decline|declined|reject|don't|dont|do not|abort|never mind"
        "|nevermind|forget it"
        "|不|不要|不用|否|取消|算了|拒绝|不同意|不行"
    ).split("|")
)
_TRIM = " \t\r\n.!,;:。！，；：…\"'“”‘’"


def consents(words: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else."""
    plain = " ".join(words.casefold().replace("’", "'").replace(",", " ").strip(_TRIM).split())
    if plain in _YES:
        return True
    return False if plain in _NO else None
