"""The tests. Hypothesis looks at no clock either: a crowded machine must not decide what is true."""

from hypothesis import HealthCheck, settings

settings.register_profile("facade", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("facade")
