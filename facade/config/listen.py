"""Where clients reach us, and what of the whole process they may use."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from facade.config.apis import HeaderName
from facade.config.section import LocalPath, Section


class TlsSettings(Section):
    """TLS towards clients. The files are read again on SIGHUP."""

    cert_file: LocalPath
    """Our certificate and those between it and the authority, PEM."""
    key_file: LocalPath
    """Its private key, PEM."""
    client_ca_file: LocalPath | None = None
    """With it every client must show a certificate that this authority signed, PEM."""
    minimum: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.2"
    """The oldest version that is spoken."""


class ListenSettings(Section):
    """Where clients reach us."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every interface."""
    port: int = Field(default=8080, ge=0, le=65_535)
    """Port; 0 takes a free one."""
    tls: TlsSettings | None = None
    """TLS towards clients; without it plain HTTP, for a load balancer in front that ends TLS."""
    share_port: bool = False
    """True lets another facade listen on the same port, so that a new one can take over from an old one without a
    refused connection."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve; each uses about one core. Limits count over all of them."""

    @model_validator(mode="after")
    def _shared(self) -> "ListenSettings":
        if self.share_port and self.port == 0:
            raise PydanticCustomError("listen", "should name a port when it is shared")
        return self


class LimitSettings(Section):
    """Bounds of the whole process, whoever calls."""

    max_body_bytes: int = Field(default=1_048_576, ge=1024, le=1_073_741_824)
    """Largest request body on the agent entrances; the proxy streams any size."""
    max_header_bytes: int = Field(default=32_768, ge=1024, le=1_048_576)
    """Largest sum of a request's header fields."""
    keep_alive_s: float = Field(default=15, gt=0, le=3600)
    """How long an idle client connection is kept, and a client may take to send its headers."""
    body_s: float = Field(default=30, gt=0, le=3600)
    """How long a client may pause while it sends a body."""
    unread_s: float = Field(default=30, gt=0, le=3600)
    """How long a client may leave an answer unread before it is cut off."""
    deadline_header: HeaderName | None = None
    """Header in which agents' clients may say how many milliseconds they wait, such as
    `X-Envoy-Expected-Rq-Timeout-Ms`; applications are told in it how many are left. Proxied traffic is not read."""
    concurrency: int = Field(default=1000, ge=1, le=100_000)
    """Requests in work at once; more are refused with 503 and `Retry-After`."""
    connections: int = Field(default=4096, ge=16, le=1_000_000)
    """Client connections at once; a newcomer takes the place of the one that has been idle longest. No more than the
    process may open files for."""
    connections_per_address: int = Field(default=512, ge=0, le=1_000_000)
    """Client connections of one address, `proxy.trusted_proxies` excepted; 0 for no bound."""
    late_ms: int = Field(default=100, ge=0, le=60_000)
    """Agents are turned away with 503 while the process runs later than this for a second on end, existing clients
    beyond five times as much; 0 turns nobody away."""
    drain_s: float = Field(default=20, ge=0, le=3600)
    """After SIGTERM: how long requests in work may still take."""
