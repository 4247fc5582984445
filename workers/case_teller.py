"""Carries words of meetings and operations to the cases, by the gateway everybody uses (design.md 15)."""

from __future__ import annotations

from activities.bulks.carrying import Answer, Vouched
from activities.telling import Told
from config.gateway.cases import CaseGateway
from config.gateway.errors import NotFoundError, RefusedByCaseError, UnavailableError, UnknownError
from config.gateway.meetings import MeetingGateway
from config.vouching import VouchedMessage
from workflows.application.case import Receipt
from workflows.meeting.messages import MeetingReceipt
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act


class GatewayTeller:
    """Turns the gateway's answers into what a line keeps; what nobody knows stays open."""

    def __init__(self, gateway: CaseGateway, meetings: MeetingGateway | None = None) -> None:
        """`meetings`: the way to meetings, where a bulk may be of them."""
        self._gateway = gateway
        self._meetings = meetings

    async def tell(
        self, application: str, action: str, act: Act, *, realm: str, shift_seconds: float
    ) -> Told:
        """Ask and wait for the answer; never raises for what a case or the way to it says."""
        try:
            receipt = await self._gateway.act(
                application, action, act, realm=realm, shift_seconds=shift_seconds
            )
        except RefusedByCaseError as err:
            codes = tuple(refusal.code.value for refusal in err.refusals)
            # Too much at once is no answer of the case.
            return Told("open") if Code.BUSY_TRY_AGAIN in codes else Told("refused", codes)
        except NotFoundError:
            return Told("gone", (Code.NOT_FOUND.value,))
        except (UnknownError, UnavailableError):
            return Told("open")
        return Told("done", seq=receipt.seq)

    async def carry(
        self,
        subject: str,
        vouched: Vouched,
        request_id: str,
        *,
        tries: int,
        realm: str,
        shift_seconds: float,
    ) -> Answer:
        """Bring a case or meeting an act that a door vouched for; never raises for what is said."""
        message = VouchedMessage(vouched.payload, vouched.key, vouched.signature)
        receipt: Receipt | MeetingReceipt
        try:
            if vouched.to_meeting and self._meetings is not None:
                receipt = await self._meetings.carry(
                    subject, vouched.action, message, request_id, tries=tries
                )
            else:
                receipt = await self._gateway.carry(
                    subject,
                    vouched.action,
                    message,
                    request_id,
                    tries=tries,
                    realm=realm,
                    shift_seconds=shift_seconds,
                )
        except RefusedByCaseError as err:
            busy = any(refusal.code is Code.BUSY_TRY_AGAIN for refusal in err.refusals)
            return Answer("silent" if busy else "refused", err.refusals)
        except NotFoundError:
            return Answer("refused", (Refusal(code=Code.NOT_FOUND),))
        except (UnknownError, UnavailableError):
            return Answer("silent")
        return Answer("done", seq=receipt.seq)

    async def hand(self, subject: str, action: str, act: Act) -> bool:
        """Hand a word to a case or meeting by signal; what closed meanwhile needs none.

        Returns whether it was taken in: a run that is full takes in no more.

        Raises:
            UnknownError, UnavailableError: nobody knows.
        """
        try:
            await self._gateway.inform(subject, action, act)
        except NotFoundError:
            return True
        except RefusedByCaseError:
            return False
        return True
