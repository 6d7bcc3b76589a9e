"""OpenAPI document -> catalogue; builds requests, checks both directions (I3). Pure; may import `kernel` only.

The way through: `parse` bytes, `compile_contract` once (off the event loop), then per request `build` for agents' calls
and `match`, `observe_request`, `observe_response` for proxied exchanges; `check` looks at answers to agents' calls.

The description is untrusted: only local references, bounded size and depth, its `servers` ignored. Everything that can
be done once per contract is done at compile time, so that a request costs a look-up.

Choices: openapi-core stays out of the hot path (a thousand paths cost it seconds to load and milliseconds per
request); it serves as the oracle of `tests/contract`. Validators are compiled at load rather than at first use: equal
schemas share one, it costs about a millisecond per operation, and a broken schema is a finding at the start instead of
a surprise in traffic. A contract pickles: one that was compiled in another process makes its native validators at
first use, of schemas that are known to be good. Only schemas that reach more than a hundred others are checked part by
part at load and compiled at first use (jsonschema-rs shares nothing between validators); what reopens this is an
upstream that needs those on the hot path. Descriptions are read tolerantly, operation by operation: what has one
reading is read that way with a warning, what has none keeps that operation from agents, never from the proxy.
"""

from facade.contract.building import build
from facade.contract.checking import check, observe_request, observe_response
from facade.contract.compilation import compile_contract
from facade.contract.difference import Change, difference
from facade.contract.matching import match
from facade.contract.parsing import parse
from facade.contract.records import Catalogue, Contract, Match
from facade.contract.settings import Bounds, ContractSettings, Override
from facade.contract.spellings import Meant, match_of, meant

__all__ = [
    "Bounds",
    "Catalogue",
    "Change",
    "Contract",
    "ContractSettings",
    "Match",
    "Meant",
    "Override",
    "build",
    "check",
    "compile_contract",
    "difference",
    "match",
    "match_of",
    "meant",
    "observe_request",
    "observe_response",
    "parse",
]
