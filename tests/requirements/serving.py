"""Running: workers, TLS, draining, load, slow clients."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "serving:workers:limits": Requirement("Limits count over all workers, exactly.", "I4"),
    "serving:workers:restarted": Requirement("A worker that dies is started again; the others serve.", "REL-KILL-05"),
    "serving:workers:metrics": Requirement("A scraper sees the counters of all workers.", "issue 3, running"),
    "serving:workers:checked": Requirement("Workers without a store to share are refused at the start.", "I7"),
    "serving:workers:keeper": Requirement(
        "The shared limiter decides as the memory limiter, and gives back what a dead worker held.", "I4"
    ),
    "serving:takeover:lossless": Requirement(
        "SIGTERM under load beside a sibling on the same port fails no request.", "REL-KILL-03"
    ),
    "serving:tls:clients": Requirement("TLS towards clients, with client certificates where asked.", "issue 3"),
    "serving:tls:renewed": Requirement("A renewed certificate is taken on SIGHUP; a bad one is not.", "issue 3"),
    "serving:connections:bounded": Requirement(
        "Open connections are bounded, in all and by address, and a newcomer gets in.", "REL-DOS-03"
    ),
    "serving:clients:slow": Requirement(
        "A client that sends or reads too slowly is dropped within its deadline.", "REL-DOS-01, 02, 11"
    ),
    "serving:load:shed": Requirement(
        "When the loop is late for long, agents are turned away before existing clients, probes never.", "RFC 8289"
    ),
    "serving:bodies:bounded": Requirement("Bodies beyond their bound are refused with bounded memory.", "REL-DOS-04"),
    "serving:forwarded:trusted": Requirement(
        "Forwarding headers are believed from trusted proxies alone.", "SEC-HDR-04, REL-RL-05"
    ),
}
