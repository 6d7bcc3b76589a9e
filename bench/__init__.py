"""Measurements: ratios side by side in one run, and campaigns over data given as arguments. Never in the tests."""
