"""The composition root: settings in, a running facade out. The only room that names concrete adapters.

`opening` opens everything a facade stands on and yields it, `running` serves it until it is told to stop; `wiring`,
`contracts`, `identity`, `reaching` and `routes` make the parts; `reloading` replaces them while we serve, and
`supervising` serves with several processes (`worker`). Everything that is open stands on one exit stack and closes in
reverse: the server first, so that requests in work still find their ports, then planning and sessions, then the
journal with its last records, then the store.

Choices: what may be replaced while we serve (contracts, tenants, tiers, roles) hangs in `Ports`, which is replaced as a
whole (`present`); entrances ask for the present ones with every request and keep them until its end.
"""

from facade.app.opening import Facade, open_facade
from facade.app.running import serve

__all__ = ["Facade", "open_facade", "serve"]
