"""Tier, spent allowance, now -> admitted, or how long to wait (I4). Pure; may import `kernel` only.

One reference for every store: integers below 2^53, microseconds and whole units. Floats and whole-second clocks lose
allowance. All limits of one decision are taken together or not at all.
"""

from facade.admission.records import Charge, Gate, GateState, Verdict

__all__ = ["Charge", "Gate", "GateState", "Verdict"]
