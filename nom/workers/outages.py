"""Tells when the engine stops answering and when it answers again: two lines for an outage. Mends nothing."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

SECONDS_BETWEEN_LOOKS = 5.0
PATIENCE = timedelta(seconds=2)

log = structlog.get_logger()


async def tell_of_outages(client: Client, stop: asyncio.Event, pause: float = SECONDS_BETWEEN_LOOKS) -> None:
    """Ask the engine every `pause` seconds until `stop` is set. The worker reconnects by itself; this only tells."""
    away = False
    while not stop.is_set():
        answers = await _answers(client)
        if answers and away:
            log.info("engine_back", namespace=client.namespace)
        elif not answers and not away:
            log.warning("engine_away", namespace=client.namespace)
        away = not answers
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health(timeout=PATIENCE)
    except RPCError:
        return False
