"""What every test may ask for by name, and how chance is used: no example is judged by how long it took."""

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.conftest_postgres", "tests.conftest_stack")

settings.register_profile("nom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nom")
