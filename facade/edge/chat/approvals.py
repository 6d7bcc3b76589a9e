"""An approval as our own API shows it, before and after its decision. Schema: specs/agent.yaml."""

from facade.edge.chat.extension import approval_json, extension_of, moment
from facade.flow import Looked, TurnReply
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


def decided(approval: str, approved: bool, reply: TurnReply) -> dict[str, Json]:
    """What became of it: words for people, the extension for programs."""
    return {
        "id": approval,
        "decision": "approve" if approved else "decline",
        "text": reply.text,
        "facade": extension_of(reply),
    }
