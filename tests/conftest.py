"""What every test may ask for by name."""

pytest_plugins = ("tests.conftest_postgres", "tests.conftest_stack")
