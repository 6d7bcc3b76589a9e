"""Facade: an agent facade in front of a multi-tenant SaaS with a REST API.

Read `ports.py`, then `flow/`: they are the whole story on a few pages. Every agent entrance ends in a
`Call`, and one function, `flow.perform`, performs it.
"""

__version__ = "0.1.0"
