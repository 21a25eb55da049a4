"""Settings for all tests."""

from hypothesis import HealthCheck, settings

# A run says the same each time, and a slow machine is no failure. `HYPOTHESIS_PROFILE=deep` looks longer and elsewhere.
settings.register_profile(
    "facemask", max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("facemask"), max_examples=5000, derandomize=False)
settings.load_profile("facemask")
