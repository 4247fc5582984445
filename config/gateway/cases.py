"""The way into the cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from config.gateway.answering import answered
from config.gateway.asking import RESUME, Asked, Gateway
from config.gateway.errors import GatewayError, NotFoundError, RefusedByCaseError, UnknownError
from config.vouching import VouchedMessage
from workflows.application.case import Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import OpenApplication, Snapshot
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act


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
            "Application", settled, opening.application, Asked.of("submit", act), Receipt
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

        A closed case that takes this act is opened again from the record, under its own id; one that the
        engine lost by `resume`. With `hand_over` an act without an answer in time is sent once more as a signal, under the same
        request id.

        Raises:
            RefusedByCaseError, NotFoundError: the answer is no.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        asked = Asked.of(action, act)
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
        asked = Asked.carried(action, vouched, request_id, tries)
        return await self._carried(application, asked, self._patience, realm, shift_seconds)

    async def _carried(
        self,
        application: str,
        asked: Asked,
        patience: timedelta,
        realm: str,
        shift_seconds: float,
    ) -> Receipt:
        """Ask a case, or open it again from the record: where it has closed and takes this act, or where
        operations say that it goes on and no engine runs it."""
        try:
            async with answered(asked.request_id, application, patience):
                return await self._updated(application, asked, Receipt)
        except NotFoundError:
            lost = asked.action == RESUME and await self._is_lost(application)
            if not lost:
                await self._check_reaches_closed(application, asked.action)
            opening = OpenApplication(
                application=application,
                realm=realm,
                shift_seconds=shift_seconds,
                from_record=True,
                lost=lost,
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

    async def _check_reaches_closed(self, application: str, action: str) -> None:
        """Only some acts reach a closed case; the others are refused here, without a workflow."""
        known = CATALOGUE.get(action)
        if known is None:
            raise RefusedByCaseError(
                (Refusal(code=Code.UNKNOWN_ACTION, params={"action": action}),)
            )
        if known.on_closed:
            return
        async with answered("", application, self._patience):
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
