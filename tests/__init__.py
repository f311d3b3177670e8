"""The tests mirror alko/. Property tests have no time limits, for machines differ."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "portal",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("portal")
