"""What must hold in every namespace of the embedded Temporal: it answers, keeps closed runs, knows our attributes.

Never removes a namespace or an attribute, and never shortens how long closed runs are kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.service import RPCError, RPCStatusCode, ServiceClient

from nom.workers.local.errors import SearchAttributeConflict

# Ours: ten years of closed runs; the engine's seeded namespaces would drop them after one day.
RETENTION = timedelta(days=3650)

# The engine lets about forty changes of namespaces through at once and then twenty a second.
RATE_LIMIT_PAUSE_SECONDS = 0.1
RATE_LIMIT_TRIES = 100

ATTRIBUTE_TYPES: Mapping[str, IndexedValueType.ValueType] = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}

Reply = TypeVar("Reply")


async def all_answer(service: ServiceClient, namespaces: Sequence[str]) -> bool:
    """Whether the front end describes every namespace."""
    try:
        for namespace in namespaces:
            await service.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except RPCError:
        return False
    return True


async def settle(service: ServiceClient, namespaces: Sequence[str], attributes: Mapping[str, str]) -> bool:
    """Make retention and search attributes hold in every namespace; True when something had to be written.

    Raises SearchAttributeConflict when an attribute exists with another type, RPCError when the engine refuses.
    """
    changed = False
    for namespace in namespaces:
        kept = await _keep_closed_runs(service, namespace)
        added = await _add_missing_attributes(service, namespace, attributes)
        changed = changed or kept or added
    return changed


async def _keep_closed_runs(service: ServiceClient, namespace: str) -> bool:
    described = await service.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    if described.config.workflow_execution_retention_ttl.ToTimedelta() >= RETENTION:
        return False
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    request = UpdateNamespaceRequest(
        namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=retention)
    )
    await _patiently(lambda: service.workflow_service.update_namespace(request))
    return True


async def _add_missing_attributes(service: ServiceClient, namespace: str, wanted: Mapping[str, str]) -> bool:
    if not wanted:
        return False
    listed = await _patiently(
        lambda: service.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    )
    missing: dict[str, IndexedValueType.ValueType] = {}
    for name, kind in wanted.items():
        present = listed.custom_attributes.get(name)
        if present is None:
            missing[name] = ATTRIBUTE_TYPES[kind]
        elif present != ATTRIBUTE_TYPES[kind]:
            raise SearchAttributeConflict(namespace, name, kind)
    if not missing:
        return False
    request = AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
    await _patiently(lambda: service.operator_service.add_search_attributes(request))
    return True


async def _patiently(call: Callable[[], Awaitable[Reply]]) -> Reply:
    """Repeat a call that the engine's rate limit turned away."""
    for _ in range(RATE_LIMIT_TRIES):
        try:
            return await call()
        except RPCError as refusal:
            if refusal.status is not RPCStatusCode.RESOURCE_EXHAUSTED:
                raise
        await asyncio.sleep(RATE_LIMIT_PAUSE_SECONDS)
    return await call()
