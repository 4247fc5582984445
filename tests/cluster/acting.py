"""``python acting.py REALM AT``: people at work in a rehearsal, run in the image as a command is.

Reads one asking a line (`{"request", "application"}`): a submission where no application is named, else a
complaint about that one. Writes what was answered as soon as it is, in the same form, and ends with 5 where
an asking got no answer: nothing is printed of that.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime

from temporalio.service import RPCError

from activities import database
from activities.views import RealmView
from config.gateway.errors import GatewayError
from config.submission_files import made_up_person, sample
from starter import session
from starter.desk import acting
from starter.desk.office import Office
from starter.desk.refusing import No, NoAnswer
from starter.desk.submitting import realm_for, submitted
from workflows.application.case import Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.writer.messages import Actor

CAMPAIGN, ROUTE = "bd-2023", "city_unit"
COMPLAINT = "file_complaint"
NOBODY = ("anyone", "anyone")
AT_ONCE = 4
AWAY = (GatewayError, RPCError, RuntimeError, TimeoutError, *database.AWAY)
"""What a part that is away looks like to whoever asks."""
NO_ANSWER = 5


class People:
    """Asks one thing after the other, so many at once, until one gets no answer."""

    def __init__(self, office: Office, realm: RealmView, at: datetime) -> None:
        self._office = office
        self._realm = realm
        self._at = at
        self.away = False

    async def work(self, asked: Iterator[Mapping[str, str]]) -> None:
        """Take what is to be asked, each once."""
        for one in asked:
            if self.away:
                return
            try:
                receipt = await self._ask(one["request"], one.get("application", ""))
            except AWAY:
                self.away = True
                return
            except NoAnswer as err:
                if err.kind is not No.UNAVAILABLE:
                    raise
                self.away = True
                return
            told = {"request": one["request"], "application": receipt.application}
            print(json.dumps(told), flush=True)

    async def _ask(self, request: str, application: str) -> Receipt:
        office, realm = self._office, self._realm
        if not application:
            person = made_up_person(int(request.rpartition("-")[2]) + 1)
            document = sample(ROUTE, CAMPAIGN, identity=person.model_dump(mode="json"))
            return await submitted(office, document, CAMPAIGN, realm, self._at, request)
        case = await office.case(application)
        stated = {"text": f"投诉 {request}"}
        act = await acting.meant(office, realm, NOBODY, stated, case=case, request_id=request)
        # Each is somebody else: one person complains of one case so many times a day.
        act = act.model_copy(update={"actor": Actor(person=f"visitor-{request}")})
        act = await acting.kept(office, CATALOGUE[COMPLAINT].payload, act)
        return await acting.sent(office, case, COMPLAINT, act)


async def main(realm: str, at: str) -> int:
    """Work through what is read."""
    opens = datetime.fromisoformat(at)
    async with session.office(realm) as office:
        people = People(office, await realm_for(office, realm, opens), opens)
        asked = iter([json.loads(line) for line in sys.stdin])
        await asyncio.gather(*(people.work(asked) for _ in range(AT_ONCE)))
    return NO_ANSWER if people.away else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
