"""The chat page and what it asks of us."""

from tests.requirements.records import Requirement

_ISSUE = "issue 3, the chat page"

REQUIREMENTS: dict[str, Requirement] = {
    # --- the page
    "page:rows:sorted-and-paged": Requirement("Rows are sorted and leafed through on the page.", _ISSUE),
    "page:rows:charted": Requirement("A table that is a series can be seen as a chart.", _ISSUE),
    "page:data:inert": Requirement("What strangers wrote stays text, on the screen and in a spreadsheet.", _ISSUE),
    "page:trail:exact": Requirement("Plan, exact calls and evidence are shown; a copied command has no token.", _ISSUE),
    "page:approval:exact": Requirement("Exact values are approved or declined, while there is time.", "D4"),
    "page:choices:buttons": Requirement("A choice is one press.", _ISSUE),
    "page:limits:plain": Requirement("Limits are told in plain words, with the wait.", _ISSUE),
    "page:session:kept": Requirement("A session's end loses no conversation and leaves no token.", _ISSUE),
    "page:history:continued": Requirement("Earlier conversations are listed, shown and continued.", _ISSUE),
    "page:feedback:kept": Requirement("What a user thinks of a turn is kept.", _ISSUE),
    "page:waits:told": Requirement("A wait shows that something is done, and can be left.", _ISSUE),
    "page:keyboard:whole": Requirement("Everything can be done with the keyboard alone.", _ISSUE),
    "page:access:sound": Requirement(
        "Names, landmarks and contrast are right, light and dark, wide and narrow.", "WCAG 2.2 AA"
    ),
    "page:languages:two": Requirement("The page speaks English and Chinese.", _ISSUE),
    "page:narrow:fits": Requirement("At 360 pixels nothing is scrolled sideways.", "WCAG 2.2, 1.4.10"),
    "page:policy:strict": Requirement("No script but ours, no frame, no foreign host, no cookie.", _ISSUE),
    "page:files:cached": Requirement("Files are kept for ever by their hash, the page is asked for again.", _ISSUE),
    "page:setting:off": Requirement("Without its setting there is no page.", _ISSUE),
    "page:cors:exact": Requirement("Only listed origins may use our API from a page of theirs.", _ISSUE),
    # --- signing in
    "sign-in:oidc:checked": Requirement(
        "A sign-in is bound to its page by state, nonce and PKCE, and its token is verified.", "OpenID Connect Core 3.1"
    ),
    "sign-in:oidc:own-page": Requirement("Only the page itself, coming back to itself, redeems a code.", "RFC 9700"),
    "sign-in:oidc:bounded": Requirement("An issuer that is down or wrong is told plainly and asked rarely.", _ISSUE),
    "sign-in:pasted:development": Requirement("A token can be pasted where settings are for development.", _ISSUE),
    "sign-in:tenants:chosen": Requirement("Who acts for several tenants chooses among them, and only them.", "D1, I1"),
    "sign-in:settings:whole": Requirement("Settings of a sign-in that cannot work stop the start.", "I7"),
    # --- conversations
    "conversations:listed:own": Requirement("A user's conversations are listed for it alone, page by page.", "I1, D5"),
    "conversations:told:whole": Requirement("A conversation is told turn by turn, bodies left out.", "D12"),
    "conversations:rated:own": Requirement("Only its user rates a turn.", "I1"),
    "conversations:me:free": Requirement("Who am I, and where do my limits stand, costs nothing.", _ISSUE),
    "chat:tables:data": Requirement("Rows travel as data beside their Markdown, bounded.", "D6"),
}
