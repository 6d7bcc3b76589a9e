"""Which switches of protocol are passed on to an application at all."""

from aiohttp import web


def may_switch(request: web.Request) -> bool:
    """True for a protocol that is the application's own affair; never another version of HTTP, nor TLS, in which HTTP
    goes on (RFC 2817): requests would then pass unseen (SEC-SMG)."""
    tokens = ",".join(request.headers.getall("Upgrade", ())).lower().split(",")
    return not any(token.strip().startswith(("h2", "h3", "http", "spdy", "tls")) for token in tokens)


def not_offered(request_id: str) -> web.Response:
    """The answer in place of a switch."""
    return web.json_response(
        {
            "type": "urn:facade:problem:not-offered",
            "title": "Not offered",
            "status": 501,
            "detail": "Switching to this protocol is not offered here; send the request without Upgrade.",
            "code": "not_offered",
            "request_id": request_id,
        },
        status=501,
        content_type="application/problem+json",
    )
