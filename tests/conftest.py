"""How random tests are drawn: the same examples on every run, unless HYPOTHESIS_PROFILE=thorough asks for new ones.

A red test is then red for whoever changed something, not for whoever happened to run it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
