"""Compiling apart, keeping, and replacing a contract while it serves."""

from tests.requirements.records import Requirement

REQUIREMENTS: dict[str, Requirement] = {
    "compiling:apart": Requirement("A contract compiled in the worker is the one compiled here.", "issue 3; D11"),
    "compiling:bounds": Requirement(
        "A description that takes too much time, memory or room is refused within its bounds, which the error names.",
        "issue 3; SEC-SPEC-02",
    ),
    "compiling:hostile": Requirement(
        "Reference, alias and nesting bombs, floods of paths and of bytes end in an error or do no harm.", "SEC-SPEC-02"
    ),
    "compiling:local": Requirement("Compiling opens no file and no connection that a reference names.", "SEC-SPEC-01"),
    "compiling:patterns": Requirement("Hostile patterns cost the loop nothing, wherever they are met.", "SEC-SPEC-03"),
    "compiling:settled": Requirement("Twins of ids and paths are settled alike each time, and told.", "SEC-SPEC-04"),
    "compiling:lies": Requirement(
        "A read that is named like a change is still flagged when compiled apart.", "SEC-SPEC-05"
    ),
    "compiling:deep": Requirement("A deep body against a recursive schema is refused, never a crash.", "SEC-SPEC-08"),
    "compiling:loop": Requirement("The event loop goes on while a description is compiled.", "D11; SEC-SPEC-02"),
    "compiling:worker:broken": Requirement(
        "A worker that crashes, floods, lies or hangs is one clear error.", "issue 3; I7"
    ),
    "compiling:pickles": Requirement("A pickle can name records of the pure rooms and nothing else.", "issue 3"),
    "compiling:cache": Requirement("What was compiled is found again by all that it depends on.", "issue 3"),
    "compiling:cache:private": Requirement(
        "Files and folders that others could have written are not read.", "issue 3; security"
    ),
    "compiling:cache:damaged": Requirement("A damaged file is compiled again.", "issue 3"),
    "compiling:cache:bounded": Requirement("The cache keeps within its size; the longest unused goes.", "issue 3"),
    "reload:signal": Requirement("SIGHUP reads settings and descriptions again.", "issue 3"),
    "reload:watch": Requirement("A changed file is taken up once it has stayed still for one look.", "issue 3"),
    "reload:address": Requirement("A description at an address is asked for only when it has changed.", "issue 3"),
    "reload:bad": Requirement(
        "Bad settings or a bad description change nothing; it is told and counted.", "issue 3; I7"
    ),
    "reload:whole": Requirement(
        "A request ends with the contract that it began with; none fails and none sees two.", "SEC-SPEC-07; I8"
    ),
    "reload:settings": Requirement("What can be replaced is; what cannot is told to need a restart.", "issue 3"),
    "reload:consent": Requirement(
        "An approval from before a reload that changed its contract is refused.", "D4; SEC-SPEC-06"
    ),
    "reload:told": Requirement("What a reload changed is told, with whom it breaks.", "issue 3; SEC-SPEC-06"),
    "reload:freed": Requirement("An old contract is let go of once its last request has ended.", "SEC-SPEC-07"),
    "difference:rules": Requirement("Every kind of change is found, and says whom it breaks.", "issue 3"),
    "difference:meaning": Requirement(
        "An operation whose schema, words or write class changed is told.", "SEC-SPEC-06"
    ),
    "difference:command": Requirement("`facade operations --diff` tells changes and can fail on them.", "issue 3"),
}
