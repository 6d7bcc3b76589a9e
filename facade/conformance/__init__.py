"""Contract tests: is what the application does what its description says? Imports `contract` and `kernel` alone.

A client of the application, not a part of the facade's own way of a request: it brings its own small HTTP client. The
way through: `engine.run` sends requests phase by phase; every exchange is judged at once by the small functions of
`checks`, what needs several exchanges by the phase that made them; findings are data and end in a `Report`.
`traces` judges recorded exchanges with the same checks and sends nothing.

Schemathesis generates input, openapi-core gives a second verdict, pytest carries the plugin: all three belong to the
extra `facade[test]` and are imported when they are needed (`extras`). This module imports nothing, so that pytest,
which imports `pytest_plugin` in every run, pays nothing for it.

Choices: the rules know no application's words. What belongs to what is found by names (`resources`) and by values that
were seen (`pool`), pages and filters by the shapes that APIs use. What only a guess supports is a warning, never a
failure. Reads are sent to anything; writes only when asked for, and then to what the run made itself, or putting back
what was there.
"""
