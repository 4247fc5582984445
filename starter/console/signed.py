"""Who is signed in at a request: the person, the hat, the realm and its time, with today's rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from activities.accounts.sessions import Hat, Session, Sessions
from activities.second_person import WEIGHTY
from activities.views import RealmView
from starter.desk.office import SELF, Office, Who
from workflows.writer.messages import Actor, Cover

CITY_OFFICE = "city_office"


@dataclass(frozen=True)
class Signed:
    """Somebody signed in, as the directory has him or her at this moment of the realm.

    Attributes:
        token: the cookie's value; nobody else gets it.
        at: the realm's time of this request.
        hats: every organisation for which the person may act now.
        hat: the one worn; None who comes for himself or herself.
        lost: the organisation of the session, where the right for it is gone meanwhile.
        cover: the supervisor for whom he or she stands in under this hat now.
    """

    token: str
    session: Session
    name: str
    human: str
    realm: RealmView
    at: datetime
    hats: tuple[Hat, ...]
    hat: Hat | None
    lost: str = ""
    cover: Cover | None = None

    @property
    def person(self) -> str:
        """The person's id."""
        return self.session.person

    @property
    def organisation(self) -> str:
        """For which organisation the person acts now; empty for himself or herself."""
        return self.hat.organisation if self.hat else ""

    @property
    def is_rehearsing(self) -> bool:
        """Whether this is a rehearsal and not the live office."""
        return self.realm.kind == "rehearsal"

    @property
    def who(self) -> Who:
        """The same as the desk asks it."""
        return self.person, self.organisation or SELF

    @property
    def actor(self) -> Actor:
        """The same as the core asks it, with the role that the directory gives now."""
        if self.hat is None:
            return Actor(person=self.person, role="applicant", human=self.human)
        return Actor(
            person=self.person,
            organisation=self.hat.organisation,
            role=self.hat.role,
            human=self.human,
            cover=self.cover,
        )

    @property
    def lacks_second(self) -> bool:
        """Whether the second factor must be shown before anything else is.

        An account that has one shows it. One that reaches the live office must have one under a hat
        of weight; a rehearsal's own account can do nothing outside of it.
        """
        session = self.session
        if session.second_at is not None:
            return False
        return session.has_second or (session.reaches == "" and is_weighty(self.hat))


def is_weighty(hat: Hat | None) -> bool:
    """Whether a hat needs a second factor: supervisors, 职改办, operations."""
    return hat is not None and (hat.role in WEIGHTY or hat.kind == CITY_OFFICE)


async def signed_in(office: Office, sessions: Sessions, token: str) -> Signed | None:
    """Whose token it is, with the rights of this moment; None where it is nobody's."""
    session = await sessions.find(token, datetime.now(UTC))
    realm = await office.reading.realm(session.realm) if session else None
    if session is None or realm is None:
        return None
    at = await office.time_in(realm)
    hats = await sessions.hats(session.person, realm.id, at)
    name, human = await sessions.who(session.person, realm.id)
    worn = {hat.organisation: hat for hat in hats}.get(session.organisation)
    lost = session.organisation if worn is None else ""
    cover = None
    if worn is not None:
        cover = await office.lists.cover(session.person, worn.organisation, realm.id, at, worn.role)
    return Signed(token, session, name, human, realm, at, hats, worn, lost, cover)
