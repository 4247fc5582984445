"""The way into a case: one thin call per kind of message, and four ways in which it can fail.

An act is an update whose id is the request's id, so that the same request twice is one act. When no
answer comes in time, the truth is `UnknownError`: the server may still carry the act out, and asking
again with the same request id is safe (design.md 4).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import uuid4

from pydantic import ValidationError
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from config.gateway_errors import (
    GatewayError,
    NotFoundError,
    RefusedByCaseError,
    UnavailableError,
    UnknownError,
)
from config.settings import Settings
from config.temporal import knows_no_workflow
from config.vouching import VouchedMessage
from workflows.application.case import Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import OpenApplication, Snapshot
from workflows.meeting.messages import MeetingReceipt, MeetingSnapshot, OpenMeetingRun
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.ports import CASES
from workflows.rules.message import Message
from workflows.rules.refusals import Code, Refusal
from workflows.writer.inbox import NEXT_RUN
from workflows.writer.messages import MAX_PAYLOAD_BYTES, Act, SnapshotRequest
from workflows.writer.reading import unreadable

PATIENCE = timedelta(seconds=20)
"""How long a person waits for an answer before it is called unknown."""


@dataclass(frozen=True)
class _Asked:
    """What is asked of a workflow, and the id under which the engine knows the asking."""

    action: str
    said: Any
    """The act; or an act that somebody else vouched for, as it arrives."""
    request_id: str
    update_id: str

    @classmethod
    def of(cls, action: str, act: Act) -> _Asked:
        return cls(action, act, act.request_id, _update_id(action, act))

    @classmethod
    def carried(cls, action: str, vouched: VouchedMessage, request: str, tries: int) -> _Asked:
        mark = hashlib.sha256(vouched.stated).hexdigest()[:12]
        return cls(action, vouched.as_sent(), request, f"{request}:{mark}:{tries}")


T = TypeVar("T")
M = TypeVar("M", bound=Message)

NOT_TWICE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""An id is used once; a start that nobody vouched for failed, and does not take the id with it."""

_AGAIN = 0.2
NOT_TAKEN_IN = (RPCStatusCode.ABORTED, RPCStatusCode.FAILED_PRECONDITION)
"""An act that the engine did not take in: its run ended, or the workflow's task failed just now (a
worker was slow for a moment) and is tried again by itself. It is asked again under the same id."""
_SIGNALS_FULL = "limit for signal events"
"""In the engine's words, the only sign there is: the run took in all it may, the next begins soon."""
_WAIT_NO_MORE = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
_FOR_THE_NEXT_RUN = ("AcceptedUpdateCompletedWorkflow", NEXT_RUN)
"""The types for an update that a closing or continuing run did not get to: the server's, and ours."""


def new_request_id() -> str:
    """An id for one act; whoever repeats the act keeps it."""
    return str(uuid4())


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
        async with _answered(act.request_id, workflow_id, self._patience):
            await self._handle(workflow_id).signal(action, act)

    async def _opened(
        self,
        kind: str,
        opening: Any,
        workflow_id: str,
        asked: _Asked,
        result: type[T],
        *,
        again: bool = False,
    ) -> T:
        """Start a workflow with its first act; the same id again is the same workflow.

        Args:
            again: also where a workflow of this id has closed.
        """
        async with _answered(asked.request_id, workflow_id, self._patience):
            try:
                # Perhaps nothing was started, or what a stranger started under this id was turned
                # away: it is begun again, never asked after as if it were there. Where it is, the
                # same id is the same workflow, and the same act.
                return await _until_taken_in(
                    lambda: self._begun(kind, opening, workflow_id, asked, result, again)
                )
            except WorkflowAlreadyStartedError:  # it was answered before, and the run is over
                return cast("T", await self._answered_before(workflow_id, asked, result))

    async def _begun(
        self,
        kind: str,
        opening: Any,
        workflow_id: str,
        asked: _Asked,
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

    async def _updated(self, workflow_id: str, asked: _Asked, result: type[T]) -> T:
        handle = self._handle(workflow_id)
        answer = await _until_taken_in(
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
            async with _answered("", workflow_id, self._patience):
                answer = await self._handle(workflow_id).query(
                    "snapshot", SnapshotRequest(as_of=moment, actions=actions), result_type=result
                )
                return cast("T", answer)
        except (UnknownError, WorkflowQueryFailedError):
            raise UnavailableError("snapshot") from None

    async def _answered_before(self, workflow_id: str, asked: _Asked, result: type[T]) -> Any:
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

    def _handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id)

    def _stamped(self, act: Act) -> Act:
        """The act as it is sent."""
        return _read(
            act,
            request_id=act.request_id or new_request_id(),
            acted_at=act.acted_at or self._clock(),
        )


class MeetingGateway(Gateway):
    """The way into a committee's meetings."""

    async def plan(self, opening: OpenMeetingRun, act: Act) -> MeetingReceipt:
        """Start a meeting with its plan; the same meeting again is the same one.

        Raises:
            RefusedByCaseError: with all reasons, and no meeting is there.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        asked = _Asked.of("plan", act)
        return await self._opened("Meeting", opening, opening.meeting, asked, MeetingReceipt)

    async def act(self, meeting: str, action: str, act: Act) -> MeetingReceipt:
        """Carry out one act on a meeting; the cases are told after the answer.

        Raises:
            RefusedByCaseError, NotFoundError: the answer is no.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        async with _answered(act.request_id, meeting, self._patience):
            return await self._updated(meeting, _Asked.of(action, act), MeetingReceipt)

    async def carry(
        self, meeting: str, action: str, vouched: VouchedMessage, request_id: str, *, tries: int = 1
    ) -> MeetingReceipt:
        """Bring a meeting an act that another door vouched for; as `CaseGateway.carry`.

        Raises:
            RefusedByCaseError, NotFoundError, UnknownError: as `act`.
        """
        asked = _Asked.carried(action, vouched, request_id, tries)
        async with _answered(request_id, meeting, self._patience):
            return await self._updated(meeting, asked, MeetingReceipt)

    async def snapshot(
        self, meeting: str, as_of: datetime | None = None, *, actions: bool = True
    ) -> MeetingSnapshot:
        """Read a meeting's live state.

        Raises:
            NotFoundError: Temporal has no such meeting (any more); the record may.
            UnavailableError: no worker answered in time.
        """
        return await self._shown(meeting, as_of, MeetingSnapshot, actions=actions)


class CaseGateway(Gateway):
    """Speaks to the cases for one process; holds no state but the connection."""

    async def submit(self, opening: OpenApplication, act: Act) -> Receipt:
        """Start a case with its `submit`; the same application again is the same case.

        Raises:
            RefusedByCaseError: with all reasons, the case having ended `ineligible`.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        settled = opening.model_copy(update={"settle_seconds": self._settings.settle_seconds})
        return await self._opened(
            "Application", settled, opening.application, _Asked.of("submit", act), Receipt
        )

    async def act(
        self,
        application: str,
        action: str,
        act: Act,
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - the patience of this one act
        hand_over: bool = False,
        realm: str = "live",
        shift_seconds: float = 0.0,
    ) -> Receipt:
        """Carry out one act and wait for its yes or no.

        A closed case that takes this act is opened again from the record, under its own id. With
        `hand_over` an act without an answer in time is sent once more as a signal, under the same
        request id.

        Raises:
            RefusedByCaseError, NotFoundError: the answer is no.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        asked = _Asked.of(action, act)
        try:
            return await self._carried(
                application, asked, timeout or self._patience, realm, shift_seconds
            )
        except UnknownError:
            if not hand_over:
                raise
            await self._hand_over(application, action, act)
            raise UnknownError(act.request_id, handed_over=True) from None

    async def carry(
        self,
        application: str,
        action: str,
        vouched: VouchedMessage,
        request_id: str,
        *,
        tries: int = 1,
        realm: str = "live",
        shift_seconds: float = 0.0,
    ) -> Receipt:
        """Bring a case an act that another door vouched for, as it was signed; as `act` otherwise.

        Args:
            tries: which time it is brought. To the engine each is an asking of its own, since it
                gives an old no again; to the case it is one request, however often it comes.

        Raises:
            RefusedByCaseError, NotFoundError: the answer is no.
            UnknownError: no answer in time.
        """
        asked = _Asked.carried(action, vouched, request_id, tries)
        return await self._carried(application, asked, self._patience, realm, shift_seconds)

    async def _carried(
        self,
        application: str,
        asked: _Asked,
        patience: timedelta,
        realm: str,
        shift_seconds: float,
    ) -> Receipt:
        """Ask a case, or open it again from the record where it has closed and takes this act."""
        try:
            async with _answered(asked.request_id, application, patience):
                return await self._updated(application, asked, Receipt)
        except NotFoundError:
            await self._check_reaches_closed(application, asked.action)
            opening = OpenApplication(
                application=application,
                realm=realm,
                shift_seconds=shift_seconds,
                from_record=True,
                settle_seconds=self._settings.settle_seconds,
            )
            return await self._opened(
                "Application", opening, application, asked, Receipt, again=True
            )

    async def snapshot(
        self, application: str, as_of: datetime | None = None, *, actions: bool = True
    ) -> Snapshot:
        """Read the live state of a case whose workflow is open or still kept by Temporal.

        Raises:
            NotFoundError: Temporal has no such case (any more); the record may.
            UnavailableError: no worker answered in time.
        """
        return await self._shown(application, as_of, Snapshot, actions=actions)

    async def operate(self, request: OperationRequest, request_id: str = "") -> OperationOutcome:
        """Carry out an operation, once per request id and sender.

        Raises:
            RefusedByCaseError: the operation was refused, with every reason; or it is none.
            UnknownError: no answer in time.
        """
        request_id = request_id or request.request_id or new_request_id()
        asked = _read(request, request_id=request_id)
        async with _answered(request_id, request.kind, self._patience):
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

    async def _check_reaches_closed(self, application: str, action: str) -> None:
        """Only some acts reach a closed case; the others are refused here, without a workflow."""
        known = CATALOGUE.get(action)
        if known is None:
            raise RefusedByCaseError(
                (Refusal(code=Code.UNKNOWN_ACTION, params={"action": action}),)
            )
        if known.on_closed:
            return
        async with _answered("", application, self._patience):
            closed = self._client.get_workflow_handle(application, result_type=Receipt)
            last = cast("Receipt", await closed.result())
        end = {"end": last.end.value} if last.end else {}
        raise RefusedByCaseError(
            (Refusal(code=Code.ALREADY_DECIDED, params={"action": action, **end}),)
        )

    async def _hand_over(self, application: str, action: str, act: Act) -> None:
        try:
            await self.signal(application, action, act)
        except GatewayError:
            raise UnknownError(act.request_id) from None


def _read(message: M, **changes: Any) -> M:
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


async def _until_taken_in(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again what no run took in: lost to a run's end, it belongs to the next. `_answered` ends it."""
    while True:
        try:
            return await ask()
        except WorkflowUpdateFailedError as err:
            if not _is_for_the_next_run(err):
                raise
        except RPCError as err:
            if err.status not in NOT_TAKEN_IN:
                raise
        await asyncio.sleep(_AGAIN)


def _is_for_the_next_run(error: WorkflowUpdateFailedError) -> bool:
    cause = error.cause
    return isinstance(cause, ApplicationError) and cause.type in _FOR_THE_NEXT_RUN


def _update_id(action: str, act: Act) -> str:
    """The request id with a mark of what is asked.

    Temporal answers a known update id without looking at it; with the mark a request id that is
    used twice for different things still reaches the case, which refuses `duplicate_conflict`.
    """
    stated = act.model_dump_json(include={"actor", "payload"})
    mark = hashlib.sha256(f"{action}\n{stated}".encode()).hexdigest()[:12]
    return f"{act.request_id}:{mark}"


def _operation_run(asked: OperationRequest) -> str:
    """The workflow id of one asking: the operation's id with a mark of what is asked.

    As with acts: a request id that is used twice for different things still reaches the record,
    which compares what was asked and refuses `duplicate_conflict`.
    """
    stated = asked.model_dump_json(exclude={"as_of"})
    return f"{asked.operation}:{hashlib.sha256(stated.encode()).hexdigest()[:12]}"


@asynccontextmanager
async def _answered(request_id: str, application: str, patience: timedelta) -> AsyncIterator[None]:
    """Turn what the SDK raises into the gateway's four answers."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            yield
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCTimeoutOrCancelledError):
        raise UnknownError(request_id) from None
    except (WorkflowUpdateFailedError, WorkflowFailureError) as err:
        cause = err.cause.cause if isinstance(err.cause, ActivityError) else err.cause
        if not isinstance(cause, ApplicationError):
            raise UnknownError(request_id) from err
        raise _said_no(cause, application) from None
    except RPCError as err:
        raise _not_reached(err, request_id, application) from None


def _said_no(error: ApplicationError, application: str) -> GatewayError:
    """Read the refusals that travel as the error's first detail, or an activity's own failure."""
    stated = error.details[0] if error.details else None
    detail = stated if isinstance(stated, dict) else {}
    refusals = tuple(Refusal.model_validate(item) for item in detail.get("refusals", []))
    if any(
        item.code is Code.NOT_FOUND and item.params.get("what") == "application"
        for item in refusals
    ):
        return NotFoundError(application)  # a case that is to be opened again and never was
    if refusals:
        return RefusedByCaseError(refusals)
    if error.type == Code.NOT_VOUCHED:  # this door's own key is not believed (any more)
        return RefusedByCaseError((Refusal(code=Code.NOT_VOUCHED),))
    if error.type == Code.NOT_FOUND:
        return NotFoundError(str(detail.get("name", application)))
    return UnavailableError(error.type or error.message)


def _not_reached(err: RPCError, request_id: str, application: str) -> GatewayError:
    if knows_no_workflow(err):
        return NotFoundError(application)
    if err.status is RPCStatusCode.RESOURCE_EXHAUSTED or _SIGNALS_FULL in err.message:
        return RefusedByCaseError((Refusal(code=Code.BUSY_TRY_AGAIN),))
    if err.status in _WAIT_NO_MORE or (request_id and err.status is RPCStatusCode.UNAVAILABLE):
        return UnknownError(request_id)
    return UnavailableError(err.message)
