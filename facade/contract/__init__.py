"""OpenAPI document -> catalogue; builds requests, checks both directions (I3). Pure; may import `kernel` only.

The description is untrusted: only local references, bounded size and depth, its `servers` ignored. Everything that can
be done once per contract is done at compile time, so that a request costs a look-up.
"""

from facade.contract.records import Catalogue, Contract, Match

__all__ = ["Catalogue", "Contract", "Match"]
