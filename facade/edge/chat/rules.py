"""Settings of this entrance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facade.edge.credentials import CredentialRules


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRules:
    """Settings of this entrance.

    Attributes:
        model: the one model that is served.
        body_s: seconds that a request body may take.
        begin_s: a stream begins when a turn takes longer than this, seconds; a refusal before is an HTTP status.
        alive_s: seconds between the comments that keep a waiting stream open.
        mounts: where each application stands behind our proxy, '' for the root; none of those that we do not proxy.
        deadline_header: in which clients say how many milliseconds they wait; None reads none.
    """

    model: str = "facade"
    max_body_bytes: int = 1_048_576
    max_message_chars: int = 4_000
    body_s: float = 30.0
    begin_s: float = 2.0
    alive_s: float = 10.0
    deadline_header: str | None = None
    credentials: CredentialRules = field(default_factory=CredentialRules)
    mounts: Mapping[str, str] = field(default_factory=dict)
