"""Where description and application differ: for whoever runs the facade, as a page and as data.

Two sources: what is wrong with a description (found when it was compiled) and what passing traffic did otherwise
(counted by operation and rule). Nothing here names a tenant, a value or an argument.
"""

from facade.edge.findings.page import page_of
from facade.edge.findings.records import Board, Seen, board_of, seen_in
from facade.edge.findings.routes import FindingsEntrance

__all__ = ["Board", "FindingsEntrance", "Seen", "board_of", "page_of", "seen_in"]
