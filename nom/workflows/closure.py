"""The closure as a durable process. Its rules are in `model/closure.py`."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from nom.contracts.closure import ClosureRequest
    from nom.contracts.envelope import Receipt
    from nom.contracts.run import ProcessStart, StateView
    from nom.workflows.model.closure import MODEL
    from nom.workflows.model.closure_state import ClosureState
    from nom.workflows.shell import ProcessShell


@workflow.defn(name="nom.closure")
class ClosureProcess(ProcessShell[ClosureState]):
    """One closure, from its opening to its outcome and for as long after as something may be added."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        super().__init__(MODEL, start)

    @workflow.run
    async def run(self, _start: ProcessStart) -> str:
        """Live until there is nothing left to do."""
        return await self.live()

    @workflow.update(name="command")
    async def command(self, request: ClosureRequest) -> Receipt:
        """Take one command."""
        return await self.take(request)

    @command.validator
    def check_command(self, request: ClosureRequest) -> None:
        """Refuse a command for free."""
        self.check(request)

    @workflow.update(name="catch_up")
    async def catch_up_with_the_ledger(self) -> int:
        """Fold in what the ledger holds and this process has not seen; the answer is how many records that were."""
        return await self.catch_up()

    @workflow.query(name="state")
    def state(self) -> StateView:
        """The state as it stands."""
        return self.view()
