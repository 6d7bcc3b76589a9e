"""Tier, spent allowance, now -> admitted, or how long to wait (I4). Pure; may import `kernel` only.

One reference for every store: integers below 2^53, microseconds and whole units. Floats and whole-second clocks lose
allowance. All limits of one decision are taken together or not at all.

Choices: a rate is GCRA with the remainder kept, so that the long-run rate is exact for any numbers and a window of
any length holds at most `rate x time + burst`; a fixed-window counter would allow twice the rate at an edge, and a
token bucket in floats loses or grants by rounding. A quota is a calendar counter in UTC, because that is what price
lists promise. A rate with other numbers is another rate and starts full once; a quota's use outlives a change of
tier. `retry_after` is the truth for a client that is alone; spreading many clients is the edge's or the client's
matter, since jitter below it would be a lie and above it wastes paid allowance.
"""

from facade.admission.calendar import period_end, period_start
from facade.admission.gates import gate_key, idle, quota_key, standing_of, take
from facade.admission.headers import ratelimit_headers, retry_after_seconds
from facade.admission.records import Charge, Decision, Gate, GateState, Verdict
from facade.admission.rules import CONCURRENCY, CONCURRENCY_WAIT, Draw, draw_of, holds_slot, slots_left, take_all

__all__ = [
    "CONCURRENCY",
    "CONCURRENCY_WAIT",
    "Charge",
    "Decision",
    "Draw",
    "Gate",
    "GateState",
    "Verdict",
    "draw_of",
    "gate_key",
    "holds_slot",
    "idle",
    "period_end",
    "period_start",
    "quota_key",
    "ratelimit_headers",
    "retry_after_seconds",
    "slots_left",
    "standing_of",
    "take",
    "take_all",
]
