"""Making a paper: an operation of kind `render_paper`, once for its step or batch, sealed once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

from activities.database import Pool
from activities.documents import Documents
from activities.operating import Operating
from activities.papers import batch_papers, case_forms, case_notices
from activities.papers.authority import SealRegister, seal_register
from activities.papers.batch_facts import BatchFacts, batch_facts
from activities.papers.case_facts import CaseFacts, case_facts
from activities.papers.catalogue import PAPERS, Paper
from activities.papers.certificates import number_of
from activities.papers.codes import make_code
from activities.papers.fonts import SHIPPED, Fonts, named
from activities.papers.sealing import Impression, sealed
from activities.papers.seals import SealKey, Seals
from activities.papers.standing import STANDS, CertificateStanding, standing_of
from activities.papers.store import PaperView, Place, keep, public_until, stored
from activities.papers.typesetting import (
    MissingGlyphsError,
    Typeset,
    canonical,
    template_version,
    typeset,
)
from activities.papers.withdrawals import WithdrawalList, sealed_list, withdrawn_by
from activities.reading import Reading
from activities.seeing import Circle, check_reader, circle_of_case
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedPaper
from workflows.rules.message import local_date
from workflows.rules.names import EndName, Result
from workflows.rules.papers import PaperKind, SealOf, Subject
from workflows.rules.refusals import Code, refuse

SQL = statements("papers")
KIND = "render_paper"
WITHDRAWALS = "seal_withdrawals"
CASE_DATA: dict[PaperKind, Callable[[CaseFacts], dict[str, Any]]] = {
    PaperKind.PUBLICITY_FORM: case_forms.publicity_form,
    PaperKind.RETURN_NOTICE: case_notices.return_notice,
    PaperKind.ONE_OFF_NOTICE: case_notices.one_off_notice,
    PaperKind.NOT_ACCEPTED_NOTICE: case_notices.not_accepted_notice,
    PaperKind.PAYMENT_NOTICE: case_notices.payment_notice,
    PaperKind.REVIEW_FORM: case_forms.review_form,
    PaperKind.RECHECK_ANSWER: case_notices.recheck_answer,
    PaperKind.DEADLINE_SHEET: case_forms.deadline_sheet,
}
BATCH_DATA: dict[PaperKind, Callable[[BatchFacts], dict[str, Any]]] = {
    PaperKind.RESULT_LIST: batch_papers.result_list,
    PaperKind.REVIEW_REPORT: batch_papers.review_report,
    PaperKind.DRAFT_CONFIRMATION: batch_papers.draft_confirmation,
    PaperKind.CONFIRMATION: batch_papers.confirmation,
}


RARE_CHARACTERS = "rare_characters"
"""The office's task about a paper that no font can print."""
OF_A_TITLE = frozenset({PaperKind.CERTIFICATE, PaperKind.REVIEW_FORM})
"""Papers that show a title: none is made first once the title is gone."""


@dataclass(frozen=True)
class Wanted:
    """A paper about to be made: where it belongs, whom it concerns, whose seals it carries."""

    place: Place
    circle: Circle
    signers: Mapping[SealOf, tuple[str, str]]
    """Whose seal → organisation id and the name in the seal."""
    facts: CaseFacts | BatchFacts

    @property
    def task_key(self) -> str:
        """The key of the office's task about this paper, should it not be made."""
        return f"{RARE_CHARACTERS}:{self.place.kind}:{self.place.batch}:{self.place.detail}"


class PaperMaking:
    """Makes papers. Idempotent: the paper of a step or batch is made once, then given again."""

    def __init__(
        self,
        documents: Documents,
        seals: Seals,
        register: SealRegister | None = None,
        fonts: Fonts = SHIPPED,
    ) -> None:
        """`register`: which seal may certify what; the one that is shipped where none is given."""
        self._fonts = fonts
        self._documents = documents
        self._seals = seals
        self._register = register or seal_register()

    async def render_paper(self, work: Operating) -> OperationOutcome:
        """Make a paper, or find the one that was made.

        A paper with a character that no font has is not made, and its office gets a task: a no that
        leaves something behind, and so is an outcome and not raised.

        Returns:
            `params.paper`, `params.sha256`, `params.kind`; `version` is the template's; `count` is
            1 where it was made now, 0 where it was there. Not done, with `character_missing`, where
            the fonts lack characters of it.

        Raises:
            Refused: `not_found`, `paper_not_due`, `not_entitled`, `seal_missing`, `title_withdrawn`,
                `seal_not_entitled`.
        """
        stated = work.read(StatedPaper)
        paper = PAPERS[stated.paper]
        wanted = await self._wanted(work, paper, stated)
        until = await public_until(
            work.connection,
            wanted.place.application or "",
            wanted.place.meeting or "",
            wanted.place.batch,
        )
        check_reader(paper, work.actor, wanted.circle, until, work.at)
        await work.connection.execute(SQL["lock_paper"], wanted.place.key)
        found = await stored(work.connection, wanted.place)
        if found is not None:
            return _outcome(found, made=0)
        try:
            # What was done for it is undone with it: no certificate's number without its certificate.
            async with work.connection.transaction():
                made = await self._made(work, paper, wanted)
        except MissingGlyphsError as err:
            return await _told(work, wanted, err.characters)
        await work.connection.execute(
            SQL["close_paper_task"],
            wanted.place.application or wanted.place.meeting,
            wanted.task_key,
            work.at,
        )
        return _outcome(made, made=1)

    async def seal_withdrawals(self, work: Operating) -> OperationOutcome:
        """Make the signed list of certificates that do not stand, as of now, under the seal of the
        office that issues titles.

        Returns:
            `params.sha256` is where the file lies; `count` how many the list names.

        Raises:
            Refused: `seal_missing`.
        """
        office = work.actor.organisation
        key = self._seals.of(office)
        if key is None:
            raise refuse(Code.SEAL_MISSING, organisation=office)
        numbers = await withdrawn_by(work, office)
        said = WithdrawalList(as_of=work.at, realm=work.request.realm, withdrawn=numbers)
        content = sealed_list(said, key).encode()
        digest = await self._documents.keep(work.connection, content)
        return OperationOutcome(done=True, count=len(numbers), params={"sha256": digest})

    async def _wanted(self, work: Operating, paper: Paper, stated: StatedPaper) -> Wanted:
        if paper.subject is Subject.APPLICATION:
            return await _of_case(work, paper, stated)
        return await _of_batch(work, paper, stated)

    async def _made(self, work: Operating, paper: Paper, wanted: Wanted) -> PaperView:
        """Gather, typeset, seal, store, and write the row."""
        keys = self._keys(paper, wanted.signers)
        await self._check_title(work, paper, wanted, keys)
        data = await self._data(work, paper, wanted, keys)
        unsealed = await asyncio.to_thread(typeset, paper.kind, data, self._fonts)
        impressions = [
            Impression(wanted.signers[place.of][1], keys[place.of], place)
            for place in unsealed.places
        ]
        content = (
            await asyncio.to_thread(sealed, unsealed.content, impressions, work.at, self._fonts)
            if impressions
            else unsealed.content
        )
        return await self._stored(work, wanted, data, unsealed, content, impressions)

    async def _stored(
        self,
        work: Operating,
        wanted: Wanted,
        data: Mapping[str, Any],
        unsealed: Typeset,
        content: bytes,
        impressions: list[Impression],
    ) -> PaperView:
        place = wanted.place
        # The file first: a row never names a file that is not there; a file without its row is
        # found again under the same hash.
        digest = await self._documents.keep(work.connection, content)
        made = PaperView(
            id=f"paper-{uuid4()}",
            realm=place.realm,
            kind=place.kind,
            application=place.application or "",
            meeting=place.meeting or "",
            batch=place.batch,
            seq=place.seq,
            detail=place.detail,
            data_hash=sha256(canonical(data).encode()).hexdigest(),
            template_version=template_version(place.kind),
            unsealed_sha256=unsealed.sha256,
            sha256=digest,
            size=len(content),
            seals=tuple(impression.name for impression in impressions),
            made_at=work.at,
            made_by=work.by,
        )
        await keep(work.connection, made)
        return made

    async def _check_title(
        self, work: Operating, paper: Paper, wanted: Wanted, keys: Mapping[SealOf, SealKey]
    ) -> None:
        """No first paper of a title that was taken away, and none by a seal that may not certify it.

        Raises:
            Refused: `title_withdrawn`, `seal_not_entitled`.
        """
        facts = wanted.facts
        if isinstance(facts, BatchFacts) or paper.kind not in OF_A_TITLE:
            return
        result = facts.last("record_result")
        if result is not None and result.payload.get("result") == Result.PASSED:
            standing = await self._standing(work, facts)
            if standing not in STANDS:
                raise refuse(Code.TITLE_WITHDRAWN, paper_kind=paper.kind, standing=standing)
        if paper.kind is PaperKind.CERTIFICATE:
            holder = keys[SealOf.CITY_OFFICE].holder
            if not self._register.may_certify(holder, facts.committee_name):
                raise refuse(Code.SEAL_NOT_ENTITLED, holder=holder, committee=facts.committee_name)

    async def _standing(self, work: Operating, facts: CaseFacts) -> CertificateStanding:
        reading = Reading(cast("Pool", work.connection), work.identity)
        kept = await reading.state(facts.case.application)
        if kept is None:
            revoked = facts.case.end is EndName.REVOKED
            return CertificateStanding.REVOKED if revoked else CertificateStanding.VALID
        document, issued_on = case_forms.issued_as(facts)
        return standing_of(kept, issued_on, document, local_date(work.at)).standing

    def _keys(
        self, paper: Paper, signers: Mapping[SealOf, tuple[str, str]]
    ) -> dict[SealOf, SealKey]:
        found: dict[SealOf, SealKey] = {}
        for seal in paper.seals:
            organisation, name = signers[seal]
            key = self._seals.of(organisation)
            if key is None:
                raise refuse(Code.SEAL_MISSING, paper_kind=paper.kind, organisation=name)
            found[seal] = key
        return found

    async def _data(
        self, work: Operating, paper: Paper, wanted: Wanted, keys: Mapping[SealOf, SealKey]
    ) -> dict[str, Any]:
        facts, detail = wanted.facts, wanted.place.detail
        if isinstance(facts, BatchFacts):
            if paper.kind is PaperKind.REPLY:
                return batch_papers.reply(facts, detail)
            return BATCH_DATA[paper.kind](facts)
        if paper.kind is PaperKind.DEADLINE_SHEET:
            return case_forms.deadline_sheet(facts, detail)
        if paper.kind is PaperKind.CERTIFICATE:
            return await _certificate(work, facts, keys[SealOf.CITY_OFFICE])
        return CASE_DATA[paper.kind](facts)


async def _certificate(work: Operating, facts: CaseFacts, key: SealKey) -> dict[str, Any]:
    """A certificate takes its number here and nowhere else.

    Raises:
        Refused: `paper_not_due` for who did not pass.
    """
    result = facts.last("record_result")
    if result is None or result.payload.get("result") != Result.PASSED:
        raise refuse(Code.PAPER_NOT_DUE, paper_kind=PaperKind.CERTIFICATE)
    number = await number_of(work.connection, facts, work.at)
    said = case_forms.claims(facts, number)
    return case_forms.certificate(facts, said, make_code(said, key))


async def _of_case(work: Operating, paper: Paper, stated: StatedPaper) -> Wanted:
    facts = await case_facts(work.connection, work.identity, stated.application, paper, stated.seq)
    if facts.case.realm != work.request.realm:
        raise refuse(Code.NOT_FOUND, what="application", application=stated.application)
    detail = stated.detail if paper.kind is PaperKind.DEADLINE_SHEET else ""
    place = Place(
        realm=facts.case.realm,
        kind=paper.kind,
        application=facts.case.application,
        seq=facts.step.seq,
        detail=detail,
    )
    # A committee has no seal file of its own: its office keeps it (40号令 art 22).
    signers = {
        SealOf.COMMITTEE: (facts.office, facts.committee_name),
        SealOf.OFFICE: (facts.office, facts.name_of(facts.office)),
        SealOf.CITY_OFFICE: (facts.city_office, facts.name_of(facts.city_office)),
    }
    return Wanted(place, circle_of_case(facts.case, facts.policy), signers, facts)


async def _of_batch(work: Operating, paper: Paper, stated: StatedPaper) -> Wanted:
    facts = await batch_facts(
        work.connection, work.identity, stated.meeting, stated.batch, paper.kind, stated.seq
    )
    if facts.realm != work.request.realm:
        raise refuse(Code.NOT_FOUND, what="meeting", meeting=stated.meeting)
    detail = stated.detail
    if paper.kind is PaperKind.REPLY and not detail:
        units = {row.entrusting for row in facts.rows if row.entrusting}
        detail = units.pop() if len(units) == 1 else ""
    place = Place(
        realm=facts.realm,
        kind=paper.kind,
        meeting=facts.meeting,
        batch=facts.batch.number,
        seq=facts.seq,
        detail=detail if paper.kind is PaperKind.REPLY else "",
    )
    signers = {
        SealOf.COMMITTEE: (facts.office, facts.committee),
        SealOf.OFFICE: (facts.office, facts.name_of(facts.office)),
        SealOf.CITY_OFFICE: (facts.city_office, facts.name_of(facts.city_office)),
    }
    return Wanted(place, circle_of_batch(facts, detail), signers, facts)


def circle_of_batch(facts: BatchFacts, entrusting: str) -> Circle:
    """Whom a batch concerns; its applicants see their own papers, not the lists."""
    return Circle(
        office=facts.office,
        city_office=facts.city_office,
        units={row.route[0] for row in facts.rows if row.route},
        chain={place for row in facts.rows for place in row.route[1:]},
        entrusting=(entrusting,) if entrusting else (),
    )


async def _told(work: Operating, wanted: Wanted, characters: str) -> OperationOutcome:
    """Ask the office to see to it, and say to whoever asked why there is no paper."""
    place, refused = (
        wanted.place,
        refuse(Code.CHARACTER_MISSING, paper_kind=wanted.place.kind, characters=named(characters)),
    )
    await work.connection.execute(
        SQL["open_paper_task"],
        place.application or None,
        place.meeting or None,
        place.realm,
        wanted.task_key,
        RARE_CHARACTERS,
        wanted.facts.office,
        json.dumps(
            {"paper_kind": place.kind.value, "characters": named(characters)}, ensure_ascii=False
        ),
        work.at,
    )
    return OperationOutcome(done=False, refusals=refused.reasons)


def _outcome(paper: PaperView, *, made: int) -> OperationOutcome:
    return OperationOutcome(
        done=True,
        count=made,
        version=paper.template_version,
        params={"paper": paper.id, "sha256": paper.sha256, "kind": paper.kind.value},
    )
