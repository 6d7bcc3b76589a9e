"""A sign-in that gives what it was told."""

from dataclasses import dataclass, field

from facade.kernel import NotFound
from facade.ports import Code, Granted, Offer


@dataclass
class FakeSignIn:
    """Issuers in a tuple, tokens by code."""

    issuers: tuple[Offer, ...] = ()
    grants: dict[str, Granted] = field(default_factory=dict)
    redeemed: list[Code] = field(default_factory=list)

    async def offers(self) -> tuple[Offer, ...]:
        """See `ports.SignIn`."""
        return self.issuers

    async def redeem(self, code: Code) -> Granted:
        """See `ports.SignIn`; a code gives its token once."""
        self.redeemed.append(code)
        granted = self.grants.pop(code.code.reveal(), None)
        if granted is None:
            raise NotFound("Nobody signs in at that issuer here.")
        return granted
