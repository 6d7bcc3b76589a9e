"""The proxy changes nothing that passes (I6), byte for byte."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    # --- the raw suite, both ends compared
    "fidelity:cases": Requirement("Both ends have what they have without us, or it is listed with its reason.", "I6"),
    "fidelity:connections": Requirement("Connections are kept and used again on both sides.", "RFC 9112 9.3"),
    "fidelity:memory": Requirement("A hundred megabytes pass each way in bounded memory.", "Issue: fidelity"),
    "fidelity:page": Requirement("docs/fidelity.md lists every difference that the suite pins.", "Issue: shown by"),
    # --- smuggling, with other servers before and behind
    "smuggling:refused": Requirement("What is ambiguous is refused, closed, and reaches nobody.", "SEC-SMG-01, 05"),
    "smuggling:between-servers": Requirement("No request more or less than answers.", "SEC-SMG-02"),
    "smuggling:egress": Requirement("Each request leaves with one framing, its own.", "SEC-SMG-04"),
    "smuggling:early": Requirement("An early answer desynchronises nobody.", "SEC-SMG-06"),
    "smuggling:answers": Requirement("A bad answer is 502, and the next caller gets its own.", "SEC-SMG-07"),
    "smuggling:pipelines": Requirement("A thousand requests on one connection: in order, each limited.", "SEC-SMG-08"),
    "smuggling:chunks": Requirement("Chunk extensions and tiny chunks are bounded.", "SEC-SMG-10"),
    # --- headers from outside
    "headers:one-tenant": Requirement("The application sees one tenant: the verified one.", "SEC-HDR-01, 02"),
    "headers:through-nginx": Requirement("Also a WSGI application behind nginx sees one tenant.", "SEC-HDR-02, 03"),
    "headers:connection": Requirement("Nothing named in Connection travels, ours always does.", "SEC-HDR-03"),
    "headers:origin": Requirement("Claims about origin, path or method are dropped.", "SEC-HDR-04"),
    "headers:trailers": Requirement("A trailer never becomes a header on the way.", "SEC-HDR-05"),
    "headers:answers": Requirement("No cookie of one caller is sent with another's request.", "SEC-HDR-06, C1"),
    "headers:controls": Requirement("Control characters come neither in nor out.", "SEC-HDR-07"),
    "headers:host": Requirement("Host is one plain name, and the application's is constant.", "SEC-HDR-09"),
    # --- the wire: the lean client, and answers in their own bytes
    "wire:bytes:kept": Requirement("Header bytes that we do not read pass as they came.", "I6, SEC-HDR-07"),
    "wire:answers:raw": Requirement("An answer leaves in its own order, spelling and bytes, nothing added.", "I6"),
    "wire:answers:strict": Requirement(
        "An answer that two would read differently is refused.", "SEC-SMG-07, RFC 9112 6"
    ),
    "wire:reuse": Requirement("A connection is used again only after a whole exchange.", "SEC-SMG-06, RFC 9112 9.3"),
    "wire:pool": Requirement("Connections are bounded; who waits for one does so in line and not for long.", "REL-UP"),
    "wire:pinned": Requirement(
        "Connections lead to the configured host's addresses and nowhere else.", "C7, REL-UP-10"
    ),
    "wire:interim": Requirement(
        "Informational answers reach the client; an expectation is end to end.", "RFC 9110 15.2"
    ),
    "wire:trailers:passed": Requirement("An answer's trailers pass; those that reframe do not.", "RFC 9110 6.5.1"),
    "wire:upgrade:passed": Requirement("A switch of protocols is passed on, h2c never.", "RFC 9110 7.8"),
    "wire:location": Requirement(
        "The application's address in Location is replaced where set.", "Issue: rewriting by setting"
    ),
}
