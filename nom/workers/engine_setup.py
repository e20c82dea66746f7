"""What the engine must have before workers start: the Nexus endpoints. Checked by name, so that none is misspelled."""

from collections.abc import Sequence

from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest, ListNexusEndpointsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from nom.contracts.run import TASK_QUEUE
from nom.contracts.services import GROUPS_ENDPOINT, NCA, STATUS_ENDPOINT, cases_endpoint, transfers_endpoint


def endpoints_for(namespaces: Sequence[str]) -> dict[str, str]:
    """Endpoint → the namespace that answers it."""
    cases = {cases_endpoint(namespace): namespace for namespace in namespaces if namespace != NCA}
    transfers = {transfers_endpoint(namespace): namespace for namespace in namespaces}
    return {GROUPS_ENDPOINT: NCA, STATUS_ENDPOINT: NCA, **cases, **transfers}


async def ensure_endpoints(client: Client, namespaces: Sequence[str]) -> tuple[str, ...]:
    """Create the endpoints that are missing and name them; run again, it changes nothing."""
    there: set[str] = set()
    token = b""
    while True:
        listed = await client.operator_service.list_nexus_endpoints(
            ListNexusEndpointsRequest(page_size=100, next_page_token=token)
        )
        there |= {endpoint.spec.name for endpoint in listed.endpoints}
        token = listed.next_page_token
        if not token:
            break
    missing = {name: target for name, target in endpoints_for(namespaces).items() if name not in there}
    for name, namespace in missing.items():
        await _create(client, name, namespace)
    return tuple(missing)


async def _create(client: Client, name: str, namespace: str) -> None:
    target = EndpointTarget(worker=EndpointTarget.Worker(namespace=namespace, task_queue=TASK_QUEUE))
    request = CreateNexusEndpointRequest(spec=EndpointSpec(name=name, target=target))
    try:
        await client.operator_service.create_nexus_endpoint(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
