"""The engine library's runtime in this process: one, and quiet about what it mends by itself.

While the engine is away, the library tells of every call that it repeats, many lines a second, and would drown the
log; `nom.workers.outages` tells of an outage in two lines instead.
"""

from functools import cache

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

WHAT_THE_LIBRARY_TELLS = "ERROR,temporalio_sdk_core=WARN,temporalio_client=ERROR,temporalio_client::retry=OFF"
"""Errors of everybody, and warnings of the worker; nothing of calls that are repeated."""


@cache
def engine_runtime() -> Runtime:
    """The runtime that every client of this process is made with."""
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=WHAT_THE_LIBRARY_TELLS)))
