"""What the gateways share: one connection, the stamp, and updates that are asked until answered."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import uuid4

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from config.gateway.answering import answered, until_taken_in
from config.gateway.errors import RefusedByCaseError, UnavailableError, UnknownError
from config.settings import Settings
from config.temporal import knows_no_workflow, not_running
from config.vouching import VouchedMessage
from workflows.ports import CASES
from workflows.rules.message import Message
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import MAX_PAYLOAD_BYTES, Act, SnapshotRequest
from workflows.writer.reading import unreadable

PATIENCE = timedelta(seconds=20)
"""How long a person waits for an answer before it is called unknown."""

RESUME = "resume"
"""The act by which operations have a subject go on, also one that the engine lost."""

T = TypeVar("T")
M = TypeVar("M", bound=Message)

NOT_TWICE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""An id is used once; a start that nobody vouched for failed, and does not take the id with it."""


def new_request_id() -> str:
    """An id for one act; whoever repeats the act keeps it."""
    return str(uuid4())


@dataclass(frozen=True)
class Asked:
    """What is asked of a workflow, and the id under which the engine knows the asking."""

    action: str
    said: Any
    """The act; or an act that somebody else vouched for, as it arrives."""
    request_id: str
    update_id: str

    @classmethod
    def of(cls, action: str, act: Act) -> Asked:
        return cls(action, act, act.request_id, _update_id(action, act))

    @classmethod
    def carried(cls, action: str, vouched: VouchedMessage, request: str, tries: int) -> Asked:
        mark = hashlib.sha256(vouched.stated).hexdigest()[:12]
        return cls(action, vouched.as_sent(), request, f"{request}:{mark}:{tries}")


class Gateway:
    """What the gateways share: one connection, the stamp, and updates that are asked until answered.

    `clock` is what stamps an act that carries no time of its own (design.md 4).
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        *,
        patience: timedelta = PATIENCE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._settings = settings
        self._patience = patience
        self._clock = clock

    async def signal(self, workflow_id: str, action: str, act: Act) -> None:
        """Send an act without waiting for its answer; a refusal comes to its sender by letter.

        Raises:
            NotFoundError: there is no open workflow of this id.
            RefusedByCaseError: `busy_try_again`: its run took in all the signals that it may.
        """
        await self.inform(workflow_id, action, self._stamped(act))

    async def inform(self, workflow_id: str, action: str, act: Act) -> None:
        """Send a word of ours: it counts when it is heard, on the subject's own clock, which in a
        rehearsal is not ours.

        Raises:
            NotFoundError, RefusedByCaseError: as `signal`.
        """
        async with answered(act.request_id, workflow_id, self._patience):
            await self._handle(workflow_id).signal(action, act)

    async def _opened(
        self,
        kind: str,
        opening: Any,
        workflow_id: str,
        asked: Asked,
        result: type[T],
        *,
        again: bool = False,
    ) -> T:
        """Start a workflow with its first act; the same id again is the same workflow.

        Args:
            again: also where a workflow of this id has closed.
        """
        async with answered(asked.request_id, workflow_id, self._patience):
            try:
                # Perhaps nothing was started, or what a stranger started under this id was turned
                # away: it is begun again, never asked after as if it were there. Where it is, the
                # same id is the same workflow, and the same act.
                return await until_taken_in(
                    lambda: self._begun(kind, opening, workflow_id, asked, result, again)
                )
            except WorkflowAlreadyStartedError:  # it was answered before, and the run is over
                return cast("T", await self._answered_before(workflow_id, asked, result))

    async def _begun(
        self,
        kind: str,
        opening: Any,
        workflow_id: str,
        asked: Asked,
        result: type[T],
        again: bool,
    ) -> T:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            kind,
            opening,
            id=workflow_id,
            task_queue=CASES,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE if again else NOT_TWICE,
        )
        # The SDK keeps a failure of the start a second time; unread it would be printed at exit.
        heard = asyncio.ensure_future(start.workflow_handle())
        heard.add_done_callback(lambda task: task.cancelled() or task.exception())
        answer = await self._client.execute_update_with_start_workflow(
            asked.action,
            asked.said,
            start_workflow_operation=start,
            id=asked.update_id,
            result_type=result,
        )
        return cast("T", answer)

    async def _updated(self, workflow_id: str, asked: Asked, result: type[T]) -> T:
        handle = self._handle(workflow_id)
        answer = await until_taken_in(
            lambda: handle.execute_update(
                asked.action, asked.said, id=asked.update_id, result_type=result
            )
        )
        return cast("T", answer)

    async def _shown(
        self, workflow_id: str, as_of: datetime | None, result: type[T], *, actions: bool = True
    ) -> T:
        moment = as_of or self._clock()
        try:
            async with answered("", workflow_id, self._patience):
                answer = await self._handle(workflow_id).query(
                    "snapshot", SnapshotRequest(as_of=moment, actions=actions), result_type=result
                )
                return cast("T", answer)
        except (UnknownError, WorkflowQueryFailedError):
            raise UnavailableError("snapshot") from None

    async def _answered_before(self, workflow_id: str, asked: Asked, result: type[T]) -> Any:
        """The answer that a first act got before its workflow closed."""
        earlier = self._handle(workflow_id).get_update_handle(asked.update_id, result_type=result)
        try:
            return await earlier.result()
        except RPCError as err:
            if not knows_no_workflow(err):
                raise
            params = {"request_id": asked.request_id}
            conflict = Refusal(code=Code.DUPLICATE_CONFLICT, params=params)
            raise RefusedByCaseError((conflict,)) from None

    async def _is_lost(self, workflow_id: str) -> bool:
        """Whether the engine has not run it to its end: it does not know it, or it was ended from
        outside."""
        async with answered("", workflow_id, self._patience):
            return await not_running(self._client, workflow_id) not in ("", "completed")

    def _handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id)

    def _stamped(self, act: Act) -> Act:
        """The act as it is sent."""
        return read(
            act,
            request_id=act.request_id or new_request_id(),
            acted_at=act.acted_at or self._clock(),
        )


def read(message: M, **changes: Any) -> M:
    """A message with these changes, read as whoever gets it will: what is none is not sent.

    Raises:
        RefusedByCaseError: it cannot be read; `payload_too_large`: its reader would say so too, but
            above 2 MB the engine does not bring it there: it keeps everybody else waiting, and
            nobody is answered.
    """
    try:
        read = type(message).model_validate(dict(message) | changes)
    except ValidationError as error:
        raise RefusedByCaseError(unreadable(error).reasons) from None
    size = len(read.model_dump_json().encode())
    if size > MAX_PAYLOAD_BYTES:
        params = {"size": str(size), "maximum": str(MAX_PAYLOAD_BYTES)}
        raise RefusedByCaseError((Refusal(code=Code.PAYLOAD_TOO_LARGE, params=params),))
    return read


def _update_id(action: str, act: Act) -> str:
    """The request id with a mark of what is asked.

    Temporal answers a known update id without looking at it; with the mark a request id that is
    used twice for different things still reaches the case, which refuses `duplicate_conflict`.
    """
    stated = act.model_dump_json(include={"actor", "payload"})
    mark = hashlib.sha256(f"{action}\n{stated}".encode()).hexdigest()[:12]
    return f"{act.request_id}:{mark}"
