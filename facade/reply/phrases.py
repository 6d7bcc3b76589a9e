"""Every fixed phrase, by language. Another language is another column; no sentence is written anywhere else.

A phrase is a `str.format` template. Values arrive inert and are never templates themselves.
"""

from collections.abc import Mapping

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        # values
        "yes": "yes",
        "no": "no",
        "items": "{count} entries",
        "cut": "{text}…",
        "cut_told": "{text}… ({more} more characters)",
        # reading
        "list": "{noun}{filters}: {count}",
        "list_of_total": "{noun}{filters}: {count} of {total}",
        "list_empty": "{noun}{filters}: none found.",
        "and_more": "… and {count} more.",
        "and_some_more": "… and there are more.",
        "one": "{noun}{name}:",
        "scalar": "{noun}{filters}: {value}",
        "nothing": "{noun}{filters}: the application answered without content.",
        "not_text": "{noun}{filters}: the application answered with {media}, which cannot be shown here.",
        "no_media_type": "something that it does not name",
        "sized": "{media} ({size})",
        "plain_text": "{noun}{filters}: the application answered with text:",
        "more_fields": "… and {count} more fields.",
        "called": "Called {request} ({status}).",
        # filters
        "where": " where {conditions}",
        "matching": "text matches {value}",
        "is": "{name} is {value}",
        "at_least": "{name} is at least {value}",
        "at_most": "{name} is at most {value}",
        "above": "{name} is above {value}",
        "below": "{name} is below {value}",
        "from": "{name} is from {value}",
        "until": "{name} is until {value}",
        "not": "{name} is not {value}",
        "and": " and ",
        "descending": "{name} (descending)",
        "sorted": ", sorted by {value}",
        # writing
        "created": "Created {noun}{name}.",
        "updated": "Updated {noun}{name}.",
        "deleted": "Deleted {noun}{name}.",
        "done": "Done: {noun}{name}.",
        "accepted": "Accepted: {noun}{name}. The application has taken it and may still be working on it.",
        # the application refused
        "refused_400": "The application says that the request is not valid ({status}).",
        "refused_401": "The application does not accept this tenant's credential ({status}).",
        "refused_403": "The application does not allow this ({status}).",
        "refused_404": "The application found nothing there ({status}).",
        "refused_409": "The application says that this conflicts with what is there ({status}).",
        "refused_429": "The application is limiting its clients at the moment ({status}).",
        "refused_3xx": "The application pointed elsewhere ({status}); that is not followed.",
        "refused_4xx": "The application refused this ({status}).",
        "refused_5xx": "The application failed on its side ({status}).",
        "refused_at": "{title}: {what}",
        "its_words": "Its words: {text}",
        # errors of ours
        "limit_exceeded": "A limit is reached ({policies}). Try again in {wait}.",
        "overloaded": "We are busy for a moment; nothing was sent. Try again in {wait}.",
        "outcome_unknown": (
            "The application did not confirm this: **it may or may not have happened**. It will not be sent again; "
            "look it up before you ask for it once more."
        ),
        "contract_violation": "This cannot be sent: it does not fit what the application accepts.",
        "context_conflict": "{place} is fixed for your account and cannot be chosen.",
        "broken": "Something went wrong on our side.",
        "error": "{detail}",
        "finding": "{place}: {message}",
        "error_at": "{title}: {what}",
        "seconds": "{count} s",
        "minutes": "{count} min",
        "hours": "{count} h",
        # consent
        "propose_one": "This changes data and needs your approval. Exactly this would be sent:",
        "propose_many": (
            "These {count} calls change data and need your approval, all together. Exactly this would be sent:"
        ),
        "propose_call": "**{title}** ({write_class})",
        "propose_ask": "Reply **yes** to approve or **no** to decline.",
        "write": "changes data",
        "destroy": "deletes or cannot be undone",
        "read": "reads",
        "body_text": "body",
        "body_empty": "(empty)",
        "more_values": "… and {count} more values, all in the details of the approval.",
        "declined": "Declined. Nothing was changed.",
        "repeated": "This was approved and carried out before; it did not run again. What it did then:",
        # questions and refusals
        "choose": "Reply with a number or the name.",
        "no_operation": "I found nothing in this application that does that. Nothing was called.",
        "several_open_proposals": (
            "Several proposals are open, so a plain yes or no is not enough. Decide each by its id."
        ),
        "plan_too_long": "That takes more steps than one request may. Ask for a part of it.",
        "said_why": "{text} Nothing was called.",
        "nearest": "What comes nearest:",
    }
}


def phrase(key: str, language: str = "en", /, **values: object) -> str:
    """One phrase with its values; a language that lacks it speaks English."""
    template = PHRASES.get(language, {}).get(key) or PHRASES["en"][key]
    return template.format(**values)


def known(key: str) -> bool:
    """True when the table has this phrase."""
    return key in PHRASES["en"]
