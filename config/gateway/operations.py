"""The way to have an operation done."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from config.gateway.answering import answered
from config.gateway.asking import NOT_TWICE, Gateway, new_request_id, read
from config.gateway.errors import RefusedByCaseError
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.ports import CASES


class OperationGateway(Gateway):
    """The way to have an operation done, once."""

    async def operate(self, request: OperationRequest, request_id: str = "") -> OperationOutcome:
        """Carry out an operation, once per request id and sender.

        Raises:
            RefusedByCaseError: the operation was refused, with every reason; or it is none.
            UnknownError: no answer in time.
        """
        request_id = request_id or request.request_id or new_request_id()
        asked = read(request, request_id=request_id)
        async with answered(request_id, request.kind, self._patience):
            handle = await self._once(
                "Operation", asked, _operation_run(asked), result_type=OperationOutcome
            )
            outcome = cast("OperationOutcome", await handle.result())
        if outcome.refusals:
            raise RefusedByCaseError(outcome.refusals)
        return outcome

    async def _once(
        self, kind: str, request: Any, workflow_id: str, *, result_type: type
    ) -> WorkflowHandle[Any, Any]:
        """Start a short workflow, or take the one that this request started before."""
        try:
            return await self._client.start_workflow(
                kind,
                request,
                id=workflow_id,
                task_queue=CASES,
                result_type=result_type,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=NOT_TWICE,
            )
        except WorkflowAlreadyStartedError:
            return self._client.get_workflow_handle(workflow_id, result_type=result_type)


def _operation_run(asked: OperationRequest) -> str:
    """The workflow id of one asking: the operation's id with a mark of what is asked.

    As with acts: a request id that is used twice for different things still reaches the record,
    which compares what was asked and refuses `duplicate_conflict`.
    """
    stated = asked.model_dump_json(exclude={"as_of"})
    return f"{asked.operation}:{hashlib.sha256(stated.encode()).hexdigest()[:12]}"
