"""How one application is reached: TLS, and what happens when it, or one of its addresses, fails."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from facade.config.section import LocalPath, Section


class UpstreamTlsSettings(Section):
    """TLS towards the application. Without it, what the system trusts is trusted."""

    ca_file: LocalPath | None = None
    """PEM of the authorities to trust in place of the system's."""
    client_cert_file: LocalPath | None = None
    """PEM of the facade's own certificate, with its chain (mutual TLS)."""
    client_key_file: LocalPath | None = None
    """PEM of its key, not encrypted; may stand in the certificate's file instead."""
    server_name: str | None = Field(default=None, min_length=1)
    """The name that the application's certificate must have, where it is not the address's host."""
    verify: bool = True
    """False accepts any certificate: whoever stands between can read and change everything. For trials only."""
    minimum: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.2"
    """The oldest version that is spoken."""

    @model_validator(mode="after")
    def _whole(self) -> "UpstreamTlsSettings":
        if self.client_key_file is not None and self.client_cert_file is None:
            raise PydanticCustomError("tls", "has a client_key_file and no client_cert_file; name both")
        if not self.verify and self.ca_file is not None:
            raise PydanticCustomError("tls", "has a ca_file, and `verify: false` that does without; remove one")
        return self


class BreakerSettings(Section):
    """When an application that fails is given a rest: requests are then answered with 503 at once.

    Agents' calls and proxied traffic are judged apart. Faults are connections that cannot be made, and answers that do
    not come, or not to their end; while others are answered, the faults of one tenant alone do not count.
    """

    enabled: bool = True
    """False goes on asking, whatever happens."""
    share: float = Field(default=0.5, gt=0, le=1)
    """It opens when this share of the requests in `window_s` are faults."""
    least: int = Field(default=20, ge=1, le=1_000_000)
    """With fewer requests than this in `window_s`, `share` does not count."""
    window_s: float = Field(default=10, ge=1, le=3600)
    """How many seconds back `share` looks."""
    unreached: int = Field(default=5, ge=1, le=1_000_000)
    """It also opens after so many connections in a row that cannot be made."""
    probe_every_s: float = Field(default=1, ge=0.1, le=3600)
    """While it is open, one request at a time, no more often than this, finds out whether the application is back."""
    gateway_errors: Literal["calls", "all", "none"] = "calls"
    """Whose 502, 503 and 504 answers count as faults: those to agents' `calls`, `all`, or `none`."""


class OutlierSettings(Section):
    """When one of several addresses gets nothing for a while, because it fails where the others do not.

    At most half of them are out at once. An address comes back by one request at a time.
    """

    enabled: bool = True
    """False asks all of them, always."""
    in_a_row: int = Field(default=5, ge=1, le=1_000_000)
    """An address is left out after so many faults in a row; 502, 503 and 504 are faults here."""
    share: float = Field(default=0.5, gt=0, le=1)
    """It is also left out when this share of its requests in `window_s` are faults."""
    least: int = Field(default=20, ge=1, le=1_000_000)
    """With fewer requests than this in `window_s`, `share` does not count."""
    window_s: float = Field(default=10, ge=1, le=3600)
    """How many seconds back `share` looks."""
    first_s: float = Field(default=5, ge=0.1, le=3600)
    """How long it is left out at first, in seconds; each time twice as long."""
    longest_s: float = Field(default=300, ge=1, le=86_400)
    """The longest that it is left out, in seconds."""


class ShareSettings(Section):
    """Who may hold how many of the connections at once. Who finds none free waits in a line of its own."""

    per_tenant: int | None = Field(default=None, ge=1, le=10_000)
    """Most of one tenant, where its tier has no `concurrency`; left out, a quarter of `connections`."""
    anonymous: int | None = Field(default=None, ge=1, le=10_000)
    """Most of all proxied traffic without a tenant together; left out, three quarters of `connections`."""
    wait_s: float = Field(default=1, gt=0, le=60)
    """Longest wait for one, in seconds."""
    waiting: int = Field(default=1024, ge=0, le=100_000)
    """Most requests that wait at once; one tenant's fill at most half of it."""
