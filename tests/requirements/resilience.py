"""Applications that fail, and many addresses of one."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "upstream:calls:every-fault": Requirement(
        "Whatever an application does, an agent's call ends in an answer or its own error, and the next one works.",
        "REL-UP-02, REL-UP-03, REL-UP-04, REL-UP-05, REL-UP-08",
    ),
    "upstream:passages:every-fault": Requirement(
        "A broken answer reaches an existing client as an error or a broken stream, never as a whole answer.",
        "REL-UP-02, REL-UP-03, REL-UP-04, REL-UP-05",
    ),
    "upstream:writes:never-again": Requirement(
        "A write whose answer is lost is unknown, and is on the wire once.", "D9, I5, REL-UP-03, REL-UP-11"
    ),
    "upstream:stale:unseen": Requirement(
        "A connection that the application closed while idle costs a read nothing.", "REL-UP-11"
    ),
    "upstream:client-gone": Requirement(
        "A client that leaves ends its read; a write runs on and is settled.", "REL-UP-12"
    ),
    "upstream:deadline:shared": Requirement(
        "All attempts of a call share its deadline, and none begins without time.", "REL-UP-02, REL-UP-14"
    ),
    "upstream:storm:bounded": Requirement(
        "A storm of errors is not made worse by more than a tenth, and ends within seconds of its cause.", "REL-UP-06"
    ),
    "upstream:retry-after:honoured": Requirement(
        "An application's Retry-After reaches the client as it is, and holds our own repetitions back.", "REL-UP-07"
    ),
    "upstream:outlier:ejected": Requirement(
        "An address that fails where others do not gets nothing for a while, and returns by one probe at a time.",
        "REL-UP-13",
    ),
    "upstream:outlier:half": Requirement("At most half of the addresses are out at once.", "REL-UP-13"),
    "upstream:addresses:elsewhere": Requirement(
        "A request that found no connection is sent to another address, with one attempt in the ledger.",
        "REL-UP-01, I5",
    ),
    "upstream:shares:tenant": Requirement(
        "One tenant's requests in work never take more than its share of an application.", "REL-UP-15"
    ),
    "upstream:shares:paths": Requirement(
        "Agents' calls and existing clients never take all of an application from each other.", "REL-UP-15"
    ),
    "upstream:shares:waiting": Requirement("Waiting for a place is bounded in time and number, and fair.", "REL-UP-15"),
    "upstream:names:changing": Requirement(
        "A name that moves is followed within its network, and its last good address serves while the server fails.",
        "REL-UP-10, SEC-SSRF-04",
    ),
    "breaker:opens": Requirement(
        "An application that cannot be reached, or fails half of the time, is not asked for a moment.",
        "REL-UP-01, REL-UP-06",
    ),
    "breaker:probes": Requirement(
        "At most one request at a time, and one a second, finds out whether it is back.", "REL-UP-06"
    ),
    "breaker:refusal": Requirement("Meanwhile a client is told at once, with 503 and Retry-After.", "REL-UP-01"),
    "breaker:own-answers": Requirement(
        "An existing client goes on seeing the application's own errors.", "I6, REL-UP-06"
    ),
    "breaker:tenant": Requirement("One tenant's faults do not open it while others are answered.", "I1, REL-UP-15"),
    "breaker:off": Requirement("Settings switch breaker and ejection off.", "REL-UP-06"),
    "tls-out:verified": Requirement(
        "A certificate that has expired, is another host's or nobody's ends the attempt; nothing is sent.", "REL-UP-09"
    ),
    "tls-out:handshake": Requirement("A handshake that is cut or slow ends within the connect deadline.", "REL-UP-09"),
    "tls-out:private": Requirement("Private authorities, another server name and mutual TLS by settings.", "issue 3"),
    "tls-out:settings": Requirement("A file that TLS cannot use is one clear finding with its place.", "I7"),
}
