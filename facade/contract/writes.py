"""What an operation does to data: by its method (D4), overridden by settings alone (D13)."""

import re
from typing import Final

from facade.contract.faults import warning
from facade.contract.naming import Route, words_of
from facade.kernel import Finding, WriteClass

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
_CHANGING: Final = re.compile(
    r"accept|activate|add|approve|archive|assign|cancel|change|clear|close|complete|confirm|convert|copy|"
    r"create|deactivate|decline|delete|destroy|disable|duplicate|edit|enable|erase|execute|finalize|grant|"
    r"import|insert|invite|kill|launch|lock|logout|mark|merge|modify|move|pay|post|publish|purge|put|"
    r"reactivate|refund|regenerate|register|reject|remove|rename|renew|reopen|replace|reset|resolve|"
    r"restart|restore|resume|revoke|rotate|run|save|send|set|start|stop|submit|subscribe|suspend|sync|"
    r"terminate|transfer|trigger|uninstall|unlock|unsubscribe|update|upgrade|upload|void|withdraw|write"
)
_FILLERS: Final = frozenset({"get", "api", "do", "the", "a"})


def class_by_method(method: str) -> WriteClass:
    """GET, HEAD, OPTIONS and QUERY read, DELETE destroys, every other method writes."""
    if method in _READS:
        return WriteClass.READ
    return WriteClass.DESTROY if method == "DELETE" else WriteClass.WRITE


def lies(route: Route, summary: str) -> tuple[Finding, ...]:
    """A warning when a reading method is named like a change (SEC-SPEC-05)."""
    if class_by_method(route.method) is not WriteClass.READ:
        return ()
    literals = [part for part in route.path.split("/") if part and "{" not in part]
    for source in (route.declared, summary, literals[-1] if literals else ""):
        leading = next((w.lower() for w in words_of(source) if w.lower() not in _FILLERS), "")
        if _CHANGING.fullmatch(leading):
            message = (
                f"{route.method} counts as a read, but is named like a change ({leading!r}); "
                "give it a write class in the settings if it changes anything"
            )
            return (warning("operation.unsafe_read", route.place, message),)
    return ()
