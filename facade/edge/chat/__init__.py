"""The OpenAI-compatible entrance: chat completions, models, approvals; and what a user sees again.

May import `flow` and what is below it, and aiohttp. A request becomes a `Turn` (or a decision on an approval), one
function of `flow` serves it, and the reply is written in the form that chat frontends know.

Choices: a client's history is a claim about the past. It only locates the conversation, by the fingerprint of the
user's texts and the last answer (`plan.fingerprint`); assistant and tool messages are read for nothing else, so a
client that writes itself a proposal and a yes has approved nothing (D5). A stream begins at once only when the turn
takes longer than `begin_s`: until then a refusal can still be an honest HTTP status. A client that leaves does not
cancel its turn, because a write that was approved must not be cut in two by a closed tab.
"""

from facade.edge.chat.entrance import ChatEntrance
from facade.edge.chat.rules import ChatRules

__all__ = ["ChatEntrance", "ChatRules"]
