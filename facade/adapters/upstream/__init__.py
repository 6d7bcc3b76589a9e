"""The application behind the facade: one hardened session, agents' calls, passages, retries.

May import `ports` and everything below it, aiohttp, tenacity and prometheus-client.

Whoever sends holds a place (`shares`) and asks for an address (`addresses`, over the rules of `breaker` and `health`);
what became of the exchange decides who is asked next.

Choices: agents' calls go through aiohttp's `ClientSession` with every default that is wrong for a multi-tenant proxy
switched off (D10); passages go through the lean client of `wire`, which leaves their bytes alone and costs a third.
"""

from facade.adapters.upstream.calls import CallUpstream, idempotency_key
from facade.adapters.upstream.retries import BudgetedRetries
from facade.adapters.upstream.session import Outgoing, open_session
from facade.adapters.upstream.settings import Address, UpstreamSettings, address_of
from facade.adapters.upstream.wire import WireRelay, open_relay

__all__ = [
    "Address",
    "BudgetedRetries",
    "CallUpstream",
    "Outgoing",
    "UpstreamSettings",
    "WireRelay",
    "address_of",
    "idempotency_key",
    "open_relay",
    "open_session",
]
