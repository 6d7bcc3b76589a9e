"""Operations and parameters that agents do not get by default, found by rule (issue 3, "Risky operations").

The rules look at what is declared: method, path, tags, ids, fields. None of them is certain, so each says what it saw,
and the provider allows an operation with `allow: true` in the settings. The proxy passes all of them as ever.

Choices: a rule that has to guess keeps an operation back rather than hand it out, because allowing one is a line in the
settings and an emptied collection is not. What a credential in an answer is worth nobody can tell from its name, so a
read that has one is told and kept from nobody, unless its path says that this is what it is for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

from facade.contract.document import mapping, sequence
from facade.kernel import JsonObject, Location, Operation, WriteClass

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UNLIKE_WORDS: Final = re.compile(r"[^a-z0-9]+")
_NAME: Final = re.compile(r"\{[^{}]*\}")


def _words(words: str) -> re.Pattern[str]:
    """A pattern for whole words of a name in `kebab-case`."""
    return re.compile(rf"(?:^|-)(?:{words})(?=-|$)")


_ACTING_AS: Final = _words(r"sudo|impersonat\w*|on-?behalf(?:-?of)?|run-?as|act(?:ing)?-?as|assume-?(?:user|role)")
_CREDENTIAL: Final = re.compile(
    r"(?:[a-z0-9]+-)*(?:password|passwd|passphrase|pwd|secret|jwt)"
    r"|(?:[a-z0-9]+-)*(?:api|access|secret|private|admin|auth|signing|encryption)-?keys?"
    r"|(?:x-)?(?:(?:api|access|refresh|id|auth|authentication|session|security|bearer|oauth|user|admin|client)-?)?tokens?"
)
_SIGN_IN: Final = _words(
    r"auth|authn|authenticate|authentication|log-?in|log-?out|log-?on|log-?off|sign-?in|sign-?out|sign-?on|o-?auth2?|sso|"
    r"saml2?|oidc|openid|password|passwd|passphrase|mfa|2fa|tfa|two-?factor|t?otp|fido2?|webauthn|passkeys?|jwt|"
    r"recovery-?codes?|magic-?links?|impersonat\w*"
)
_DOOR: Final = re.compile(r"log-?in|log-?out|log-?off|sign-?in|sign-?out|authorize|o-?auth2?|sso|saml2?|oidc|openid")
"""Segments that change who one is even by a GET."""
_TOKENS: Final = re.compile(r"(?!.*[cx]srf)(?:[a-z0-9]+-)*tokens?")
_PASSWORD: Final = re.compile(
    r"(?:(?:new|old|current|confirm|confirmed|repeat|user|account|login|plain|raw)-)*(?:password|passwd|passphrase|pwd)"
    r"(?:-(?:confirm|confirmation|again|repeat|repeated|[12]))?"
)
"""A person's own; that of a connected system has its name in front."""
_RECORD: Final = re.compile(r".*-(?:logs?|history|attempts?|events?|activity)")
"""`login-history` is about signing in and does none."""
_MANY: Final = _words(r"bulk|batch|many|multiple|mass-[a-z]+|all")
_MANY_IN_ID: Final = _words(r"bulk|many|multiple")
_DROP_MANY: Final = re.compile(
    r"(?:delete|remove|purge|destroy|erase|wipe|truncate|clear)-(?:[a-z0-9]+-)*[a-z]+(?<![su])s"
)
_TAKE_OUT: Final = re.compile(r"remove-.*")
"""Of one item, `remove-members` takes out those that the call names."""
_CARRIER: Final = re.compile(r"graphql|json-?rpc|rpc")
_ASKING: Final = _words(
    r"search|query|filters?|find|count|counts|list|lookup|preview|validate|validation|verify|check|estimate|calculate|"
    r"paginate|history|export|diff|compare"
)
_PLURAL: Final = re.compile(r"(?:[a-z0-9]+-)*[a-z0-9]+(?<![su])s")
_SINGLETON: Final = _words(r"settings|preferences|options|details|terms|news|credentials|permissions|docs|goods")
_ROWS: Final = frozenset({"data", "items", "results", "rows", "records", "entries", "values", "list", "objects"})
_TARGET: Final = frozenset({"path", "url", "uri", "relative_url", "relativeUrl"})


class Risk(NamedTuple):
    """Why an operation is kept from agents."""

    code: str
    message: str


def acts_as_another(name: str) -> bool:
    """A parameter that makes the caller somebody else: `X-Impersonate-User`, `sudo`, `on-behalf-of`, `run_as`."""
    return _ACTING_AS.search(_kebab(name)) is not None


def is_credential(name: str) -> bool:
    """A parameter or field that is a key, a password or a token: `api_key`, `X-Auth-Token`, `newPassword`.

    `_token`, beside `_limit` and `_sort`, says where the next page begins.
    """
    return _CREDENTIAL.fullmatch(_kebab(name)) is not None and name != "_token"


def _kebab(name: str) -> str:
    """`newPassword`, `new_password` -> `new-password`."""
    return _UNLIKE_WORDS.sub("-", _CAMEL.sub("-", name).lower()).strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What the other operations of the description say about a path.

    Attributes:
        methods: what is declared for each path, with `{}` for every name in it and without a trailing slash.
        lists: the paths whose GET answers rows.
        shown: credentials that some GET answers with; whoever writes them hands out nothing new.
    """

    methods: Mapping[str, Set[str]]
    lists: Set[str]
    shown: Set[str]


def neighbours_of(operations: Iterable[Operation]) -> Neighbours:
    """Everything that `risk_of` needs to know of the whole description."""
    methods: dict[str, set[str]] = {}
    lists: set[str] = set()
    shown: set[str] = set()
    for each in operations:
        shape = _shape(each.path)
        methods.setdefault(shape, set()).add(each.method)
        if each.method == "GET":
            shown.update(credentials_in_answer(each))
            if any(map(_is_list, _answers(each))):
                lists.add(shape)
    return Neighbours(methods=methods, lists=lists, shown=shown)


def risk_of(operation: Operation, declared: str, neighbours: Neighbours) -> Risk | None:
    """The first rule that keeps an operation from agents.

    Args:
        declared: the id that the description gives it, if any.
    """
    subject = _Subject(operation=operation, declared=_kebab(declared), neighbours=neighbours)
    for rule in _RULES:
        seen = rule.sees(subject)
        if seen:
            return Risk(rule.code, f"{rule.what} ({seen})")
    return None


def credentials_in_answer(operation: Operation) -> Iterator[str]:
    """Fields of success that look like credentials."""
    for answer in _answers(operation):
        yield from (name for name, schema in _fields_of(answer) if is_credential(name) and _may_be_text(schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """One operation as the rules see it."""

    operation: Operation
    declared: str
    neighbours: Neighbours

    @property
    def changes(self) -> bool:
        """True for what is no read by its method or by the settings."""
        return self.operation.write_class is not WriteClass.READ

    @property
    def writes(self) -> bool:
        """The same, without a POST that is named like a question."""
        return self.changes and not (self.operation.method == "POST" and _ASKING.search(self.last))

    @property
    def literals(self) -> list[str]:
        """The segments of the path without names, in `kebab-case`."""
        return [_kebab(part) for part in self.operation.path.split("/") if part and "{" not in part]

    @property
    def last(self) -> str:
        """The last of them."""
        return self.literals[-1] if self.literals else ""

    @property
    def ends_in_name(self) -> bool:
        """True for a path to one item."""
        return "{" in self.operation.path.rstrip("/").rpartition("/")[2]


def _signs_in(subject: _Subject) -> str:
    operation = subject.operation
    if not subject.changes:
        door = next((part for part in subject.literals if _DOOR.fullmatch(part)), "")
        return door and f"the path says {door!r}"
    for part in subject.literals:
        if (_SIGN_IN.search(part) or part == "token") and not _RECORD.fullmatch(part):
            return f"the path says {part!r}"
    if _TOKENS.fullmatch(subject.last) or is_credential(subject.last) or subject.last == "session":
        return f"the path says {subject.last!r}"
    tag = next((t for t in operation.tags if _SIGN_IN.search(_kebab(t))), "")
    return tag and f"its tag is {tag[:40]!r}"


def _takes_password(subject: _Subject) -> str:
    body = subject.operation.body
    fields = [(p.name, p.schema) for p in subject.operation.parameters if p.location is Location.BODY]
    fields += _fields_of(body.schema) if body is not None else ()
    asked = next((name for name, schema in fields if _PASSWORD.fullmatch(_kebab(name)) and _may_be_text(schema)), "")
    return asked and f"its body has {asked!r}"


def _hands_out(subject: _Subject) -> str:
    operation = subject.operation
    if operation.method == "GET":
        named = _TOKENS.fullmatch(subject.last) or is_credential(subject.last)
        return f"the path ends in {subject.last!r}" if named and not subject.ends_in_name else ""
    known = {p.name for p in operation.parameters} | subject.neighbours.shown
    issued = next((name for name in credentials_in_answer(operation) if name not in known), "")
    return f"its answer alone has {issued!r}" if issued else ""


def _carries_requests(subject: _Subject) -> str:
    if subject.operation.method == "POST" and _CARRIER.fullmatch(subject.last):
        return f"the path ends in {subject.last!r}"
    for parameter in subject.operation.parameters:
        if parameter.location is Location.BODY:
            inside = mapping(mapping(parameter.schema.get("items")).get("properties"))
            if "method" in inside and _TARGET & inside.keys():
                return f"its body has {parameter.name!r}, each with a method and a path"
    return ""


def _changes_many(subject: _Subject) -> str:
    if not subject.writes:
        return ""
    for part in subject.literals:
        named = "{" in subject.operation.path and _TAKE_OUT.fullmatch(part)
        if _MANY.search(part) or (_DROP_MANY.fullmatch(part) and not named):
            return f"the path says {part!r}"
    if _MANY_IN_ID.search(subject.declared):
        return f"its id says {subject.declared[:60]!r}"
    body = subject.operation.body
    if body is not None and _types(body.schema) == {"array"}:
        items = _types(mapping(body.schema.get("items")))
        if not subject.ends_in_name and ("object" in items or "{" not in subject.operation.path):
            return "its body is a list"
    return ""


def _changes_collection(subject: _Subject) -> str:
    operation, neighbours, shape = subject.operation, subject.neighbours, _shape(subject.operation.path)
    if operation.method not in {"PUT", "PATCH", "DELETE"} or not subject.writes:
        return ""
    if subject.ends_in_name:
        deeper = shape in neighbours.lists and operation.method in neighbours.methods.get(f"{shape}/{{}}", ())
        return "a GET of the same path lists many" if deeper else ""
    if shape in neighbours.lists:
        return "a GET of the same path lists many"
    many = bool(_PLURAL.fullmatch(subject.last)) and not _SINGLETON.search(subject.last)
    if f"{shape}/{{}}" in neighbours.methods and (many or operation.method == "DELETE"):
        return "its items have paths of their own"
    return f"the path ends in {subject.last!r}, which is many" if many and operation.method == "DELETE" else ""


class _Rule(NamedTuple):
    code: str
    what: str
    sees: Callable[[_Subject], str]
    """What gave the operation away, in words; "" when nothing did."""


_RULES: Final = (
    _Rule("risk.authentication", "signs somebody in or out, or changes how they do", _signs_in),
    _Rule("risk.password", "takes a password", _takes_password),
    _Rule("risk.credentials", "hands out a credential", _hands_out),
    _Rule("risk.batch", "carries requests of its own, which no rule would see", _carries_requests),
    _Rule("risk.bulk", "changes many things at once", _changes_many),
    _Rule("risk.collection", "changes a whole collection at once", _changes_collection),
)


def _shape(path: str) -> str:
    return _NAME.sub("{}", path.rstrip("/"))


def _answers(operation: Operation) -> Iterator[JsonObject]:
    """The schemas of success."""
    return (r.schema for r in operation.responses if r.status.startswith("2"))


def _is_list(schema: JsonObject) -> bool:
    fields = mapping(schema.get("properties"))
    return "array" in _types(schema) or any("array" in _types(mapping(fields[n])) for n in fields if n in _ROWS)


def _fields_of(schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Fields of the schema and of the rows or the record that it wraps."""
    for part in _parts(schema):
        fields = mapping(part.get("properties"))
        yield from ((name, mapping(value)) for name, value in fields.items())
        for name in (n for n in fields if n in _ROWS):
            for inner in _parts(mapping(fields[name])):
                yield from ((n, mapping(v)) for n, v in mapping(inner.get("properties")).items())


def _parts(schema: JsonObject) -> Iterator[JsonObject]:
    """The schema itself, its items, and what it is put together from."""
    yield schema
    yield mapping(schema.get("items"))
    for key in ("allOf", "anyOf", "oneOf"):
        yield from map(mapping, sequence(schema.get(key)))


def _types(schema: JsonObject) -> set[str]:
    declared = schema.get("type")
    named = {t for t in sequence(declared) if isinstance(t, str)} if not isinstance(declared, str) else {declared}
    if not named and isinstance(schema.get("properties"), Mapping):
        return {"object"}
    return named - {"null"}


def _may_be_text(schema: JsonObject) -> bool:
    """Credentials are texts; `password_protected` and `has_token` are not."""
    types = _types(schema)
    return not types or "string" in types
