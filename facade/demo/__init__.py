"""A separate legacy application, kept here for the demo and for tests.

It plays the SaaS that somebody already has: its own code, its own database, its
own words. It imports nothing from the rest of `facade`, and nothing of `facade`
imports it; an import contract enforces both. The only thing the two sides share
is the OpenAPI document that describes it.
"""
