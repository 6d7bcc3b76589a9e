"""The application behind the facade: one hardened session, agents' calls, passages, retries.

May import `ports` and everything below it, aiohttp and tenacity.

Choices: the reference client is aiohttp's `ClientSession` with every default that is wrong for a multi-tenant proxy
switched off (D10). We gave up speed in the proxy path and header values that are not UTF-8: the library re-encodes
them. A leaner HTTP/1.1 client behind the same two ports, with the same test suite, would reopen this.
"""

from facade.adapters.upstream.calls import CallUpstream, idempotency_key
from facade.adapters.upstream.relay import StreamRelay
from facade.adapters.upstream.retries import BudgetedRetries
from facade.adapters.upstream.session import Outgoing, open_session
from facade.adapters.upstream.settings import Address, UpstreamSettings, address_of

__all__ = [
    "Address",
    "BudgetedRetries",
    "CallUpstream",
    "Outgoing",
    "StreamRelay",
    "UpstreamSettings",
    "address_of",
    "idempotency_key",
    "open_session",
]
