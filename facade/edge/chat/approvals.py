"""An approval as our own API shows it, before and after its decision. Schema: specs/agent.yaml."""

from facade.edge.chat.extension import approval_json, moment
from facade.flow import Looked
from facade.kernel import Json


def looked(seen: Looked) -> dict[str, Json]:
    """Its state and the exact calls; what they answered once it is done."""
    approval = seen.approval
    result = approval.result if isinstance(approval.result, dict) else {}
    return {
        **approval_json(approval, seen.builts),
        "state": "expired" if seen.expired else approval.state.value,
        "conversation": approval.conversation,
        "created_at": moment(approval.created),
        "text": result.get("text"),
    }


def decided(approval: str, approved: bool, extension: Json, text: str) -> dict[str, Json]:
    """What became of it: words for people, the extension for programs."""
    return {
        "id": approval,
        "decision": "approve" if approved else "decline",
        "text": text,
        "facade": extension,
    }
