"""Contract tests of an application against its description."""

from tests.requirements.records import Requirement

_SOURCE = "issue 3, contract tests"

REQUIREMENTS: dict[str, Requirement] = {
    "conformance:sound:passes": Requirement("An application that keeps its description has no problem.", _SOURCE),
    "conformance:faults:found": Requirement("Every class of fault is found by a check of its own.", _SOURCE),
    "conformance:filters:named": Requirement("A filter that is ignored is named, whatever it filters by.", _SOURCE),
    "conformance:writes:effect": Requirement("A write that takes no effect is told.", _SOURCE),
    "conformance:drift:warned": Requirement("Fields that the description does not know are warnings.", _SOURCE),
    "conformance:reads:default": Requirement("Nothing but reads is sent unless writes are asked for.", _SOURCE),
    "conformance:runs:repeatable": Requirement("The same seed sends the same requests.", _SOURCE),
    "conformance:clean:listed": Requirement("What the run made and could not remove is listed.", _SOURCE),
    "conformance:clean:always": Requirement("A run that is stopped still removes what it made.", _SOURCE),
    "conformance:choice:globs": Requirement("Operations and checks are chosen by patterns.", _SOURCE),
    "conformance:risk:left": Requirement("Risky operations are called only when they are named.", _SOURCE),
    "conformance:secrets:masked": Requirement("No report holds a credential.", "D12"),
    "conformance:start:clear": Requirement("What makes a run useless ends it with one clear message.", "I7"),
    "conformance:oracle:compared": Requirement("Verdicts are cross-checked with openapi-core.", _SOURCE),
    "conformance:trace:judged": Requirement("Recorded traffic is judged offline by the same checks.", _SOURCE),
    "conformance:trace:clear": Requirement("A trace that cannot be read names its place.", "I7"),
    "conformance:consumer:relied": Requirement("A consumer's needs are held against description and answers.", _SOURCE),
    "conformance:consumer:clear": Requirement("A consumer contract that cannot be read names its place.", "I7"),
    "conformance:report:machines": Requirement("Reports come as JSON and as JUnit XML.", _SOURCE),
    "conformance:report:people": Requirement("People get a table, each problem with its curl.", _SOURCE),
    "conformance:command:codes": Requirement("`facade test` exits with 1 on failures and 2 on wrong usage.", _SOURCE),
    "conformance:command:settings": Requirement("Settings give description, address and base path.", _SOURCE),
    "conformance:extra:named": Requirement("A missing extra is one error that names its command.", "I7"),
    "conformance:plugin:lines": Requirement("A provider writes contract tests in five lines of pytest.", _SOURCE),
    "conformance:plugin:light": Requirement("The plugin costs other projects' test runs nothing.", _SOURCE),
    "conformance:links:followed": Requirement("OpenAPI links are followed and have to lead somewhere.", _SOURCE),
    "conformance:own:true": Requirement("The facade's own API is tested by its own contract tests.", "D6"),
    "conformance:demo:sound": Requirement("The demo help desk passes without a failure.", _SOURCE),
}
