"""How a question names what it asks for: in the description's own plain words."""

import re

from facade.plan.entry import Entry
from facade.plan.slots import Slot

_IDENTIFIES = re.compile(
    r"(?:the )?(?:unique )?(?:id|identifier|number|code|key|name|slug|reference)s? (?:of|for) (?:the |an? )?"
    r"(?P<noun>[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)?)\b(?P<rest>.{0,80})$",
    re.I,
)
_RELATIVE = re.compile(r"^ (?:who|that|which|to|for|in|of|as)\b")
_TAGS = re.compile(r"<[^>]{0,200}>")
_LONGEST = 90


def inquiry(slot: Slot, entry: Entry) -> str:
    """The question for a value, such as `Which customer (client ref) is it for “Open a ticket”?`."""
    title, told = entry.title, _first_sentence(slot.told)
    identified = _IDENTIFIES.match(told)
    noun = identified["noun"].lower() if identified else ""
    label = slot.label
    if identified and noun.split()[-1] in _NOT_NOUNS:
        noun = noun.split()[0]
    if noun:
        example = f" It looks like {slot.example}." if slot.example else ""
        return f"Which {noun} ({label}) is it for “{title}”?{example}"
    about = f" That is: {told[0].lower()}{told[1:]}." if told and told.lower() not in {label, title.lower()} else ""
    return f"What is the {label} for “{title}”?{about}"


_NOT_NOUNS = frozenset(("who", "that", "which", "to", "as", "for", "in", "of", "on", "is", "with"))


def _first_sentence(told: str) -> str:
    """The first sentence of a description, where it is short and plain; empty otherwise."""
    plain = " ".join(_TAGS.sub("", told).split())
    first = re.split(r"[.;:](?:\s|$)", plain, maxsplit=1)[0].strip()
    return first if len(first) <= _LONGEST and "`" not in first else ""
