"""What frontends ask behind the user's back: a title, tags, follow-up questions for a chat. Nothing is called for it.

They come as an ordinary completion with one prompt that holds the chat so far. They are known by that structure, not
by any frontend's wording: no assistant turn of its own, a labelled transcript inside the prompt, a word for what is
wanted, and an instruction on the form of the output. All four must be there, so that a person who pastes a
conversation and asks for something is still heard.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence

from facade.edge.chat.requests import Message

MAX_CHARS = 32_768
"""Prompts above this are no chores: frontends cut the chat that they embed, and this is read on the event loop."""
TITLE_CHARS = 60
MAX_TAGS = 3
_LABEL = r"^(?:[^\w\n]|_){0,4}(?:%s)[^\w\n]{0,3}:"
_USER_LINE = re.compile(_LABEL % "user|human|question|q" + r"[^\w\n]*(?P<said>.*)$", re.IGNORECASE | re.MULTILINE)
_ASSISTANT_LINE = re.compile(_LABEL % "assistant|ai|bot|model|response|answer|a", re.IGNORECASE | re.MULTILINE)
_ROLE_OBJECT = re.compile(r'"role"\s*:\s*"user"\s*,\s*"content"\s*:\s*"(?P<said>(?:[^"\\]|\\.)*)"')
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>\w{1,64})>")
_HISTORY = re.compile(r"chat|history|conversation|messages")
_WANTED = re.compile(
    r"\b(?:title|tags?|categori[sz]e|follow[- _]?ups?|summar\w+|keywords?|quer(?:y|ies)|emoji|autocomplet\w+|topic)\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\bjson\b|\bonly\W+(?:return|respond|reply|output|answer|write|give)\b|\b(?:return|respond|reply|output)\b.{0,40}\bonly\b"
    r"|\b\d+(?:\s*(?:-|to)\s*\d+)?[- ]words?\b|\bwords?[- ]or[- ]less\b|\bno more than \w+ words\b",
    re.IGNORECASE,
)
_TEMPLATE_KEY = re.compile(r'\{\s*"(?P<key>[A-Za-z_]{1,32})"\s*:\s*(?P<opens>\[|")')
_WORD = re.compile(r"[^\W\d_][\w-]{3,}")


def chore_answer(messages: Sequence[Message]) -> str | None:
    """The answer to a housekeeping request, or None when this is a turn of a person."""
    if any(m.role in {"assistant", "tool", "function"} for m in messages):
        return None
    users = [m for m in messages if m.role == "user"]
    if len(users) != 1 or sum(len(m.text) for m in messages) > MAX_CHARS:
        return None
    prompt = "\n".join(m.text for m in messages)
    said = _transcript(users[0].text)
    if said is None:
        return None
    instruction = _instruction(prompt)
    if not (_WANTED.search(instruction) and _FORM.search(instruction)):
        return None
    return _answer(instruction, said)


def _transcript(text: str) -> list[str] | None:
    """What the user said in the embedded chat, or None when there is none."""
    said = [m["said"].strip() for m in (*_USER_LINE.finditer(text), *_ROLE_OBJECT.finditer(text))]
    if said and (_ASSISTANT_LINE.search(text) or _tagged(text) or '"role"' in text):
        return [one for one in said if one] or [""]
    return None


def _instruction(prompt: str) -> str:
    """The prompt without its transcript: a tagged one is cut out, an open one begins at its first label."""
    tagged = _tagged(prompt)
    if tagged is not None:
        return prompt[: tagged[0]] + prompt[tagged[1] :]
    begins = (pattern.search(prompt) for pattern in (_USER_LINE, _ASSISTANT_LINE, _ROLE_OBJECT))
    return prompt[: min((m.start() for m in begins if m), default=None)]


def _tagged(text: str) -> tuple[int, int] | None:
    """The widest part between a tag that names a history and its end; None without one.

    One pass and no backtracking: anybody may send a megabyte of tags that never close.
    """
    opened: dict[str, int] = {}
    closed: dict[str, int] = {}
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if tag["closes"]:
            closed[name] = tag.end()
        elif _HISTORY.search(name):
            opened.setdefault(name, tag.start())
    spans = [(begin, closed[name]) for name, begin in opened.items() if closed.get(name, begin) > begin]
    return max(spans, key=lambda span: span[1] - span[0], default=None)


def _answer(instruction: str, said: Sequence[str]) -> str:
    """JSON in the shape that the instruction shows, else a title as plain text."""
    template = _TEMPLATE_KEY.search(instruction)
    if template is None:
        return _title(said)
    key = template["key"]
    if template["opens"] == '"':
        return json.dumps({key: _title(said)}, ensure_ascii=False)
    values = _tags(said) if key.lower() in {"tags", "keywords", "topics", "categories"} else []
    return json.dumps({key: values}, ensure_ascii=False)


def _title(said: Sequence[str]) -> str:
    """The beginning of the first thing said, to a whole word."""
    words = " ".join(said[0].split()).strip(" .?!,;:\"'")
    if len(words) > TITLE_CHARS:
        words = words[:TITLE_CHARS].rpartition(" ")[0] or words[:TITLE_CHARS]
    return words[:1].upper() + words[1:] or "Chat"


def _tags(said: Sequence[str]) -> list[str]:
    """The longest of the most frequent words; deterministic."""
    counts = Counter(word.lower() for text in said for word in _WORD.findall(text))
    ranked = sorted(counts, key=lambda w: (-counts[w], -len(w), w))
    return [w.capitalize() for w in ranked[:MAX_TAGS]] or ["General"]
