"""The chat page for people with a browser: one HTML file, a few modules and styles, and its sign-in.

May import `flow` and what is below it, and aiohttp. Everything the page shows comes through our own API with the
user's own token; this room only hands out files and exchanges a sign-in's code.

Choices: no build step, no framework, no outside host. The page lives on the origin of an application that we do not
know, so nothing here is ambient: no cookie, no storage of tokens (they live in the page's memory alone), a policy that
runs no script but these files, no framing, and an opener of its own. The code exchange goes through us, so that the
policy needs no other origin and issuers need no CORS. Files are read once, at start; their address holds the hash of
all of them, so that a browser may keep them for ever and never mixes two versions.
"""

from facade.edge.page.assets import Assets, read_assets
from facade.edge.page.entrance import PageEntrance, PageRules

__all__ = ["Assets", "PageEntrance", "PageRules", "read_assets"]
