"""A workflow instance before another, to which it leaves everything. What listens to workflows builds on it."""

from typing import Any

from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.workflow import Info


class PassingInstance(WorkflowInstance):
    """An instance that leaves everything but `activate` to another."""

    def __init__(self, inner: WorkflowInstance) -> None:
        self.inner = inner
        # Asked for with every payload: the detour through the methods below would cost a percent of a replay.
        self.get_serialization_context = inner.get_serialization_context
        self.get_external_store_context = inner.get_external_store_context

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401 - a private type of the SDK
        """Leave it to the other instance."""
        return self.inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ANN401 - a private type of the SDK
        """Leave it to the other instance."""
        return self.inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """Leave it to the other instance."""
        return self.inner.get_info()

    def get_thread_id(self) -> int | None:
        """Leave it to the other instance."""
        return self.inner.get_thread_id()
