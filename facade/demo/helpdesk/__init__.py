"""A help desk with billing, as a company might have run it for fifteen years.

Start it with `python -m facade.demo.helpdesk`; `specs/helpdesk.yaml` describes it.
May import aiohttp and the standard library, and nothing from the rest of `facade`.

Choices: handlers are plain functions from an `Ask` to an `Answer` over one SQLite
connection, and `app` alone knows aiohttp. Statements are so short that they run on
the event loop, which makes every write serial; we gave up concurrent writers, and a
data set beyond a few thousand rows would reopen that. The account is a condition of
the two functions that read rows (`resources.find`, `listing.select_page`), so that a
handler cannot forget it. Requests are checked by this application's own forms, not by
its OpenAPI document: a legacy application does not read its description either, and
the contract test is worth something only when the two are written apart.
"""

from facade.demo.helpdesk.app import build_app
from facade.demo.helpdesk.seed import plant
from facade.demo.helpdesk.store import Store

__all__ = ["Store", "build_app", "plant"]
