"""Handing in an application: from a checked document to a case, and what would be found against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activities.submissions import Submissions
from activities.views import DraftView, RealmView
from config.gateway.errors import RefusedByCaseError
from config.submission_files import ApplicationFile
from starter.desk.ids import application_id
from starter.desk.office import Office
from starter.desk.refusing import Door, No, NoAnswer, Reason, not_found
from workflows.application.case import Receipt
from workflows.application.messages import OpenApplication, SubmissionQuery
from workflows.rules.eligibility import examine
from workflows.rules.findings import Findings, together
from workflows.rules.findings import refused as findings_of
from workflows.writer.messages import Act, Actor


async def submitted(
    office: Office,
    document: ApplicationFile,
    campaign: str,
    realm: RealmView,
    acted_at: datetime | None = None,
    request_id: str = "",
) -> Receipt:
    """Store a document and open its case; the same request is the same case.

    Args:
        acted_at: a time that was stated for it; rehearsals alone take one.

    Raises:
        NoAnswer: not eligible, with all reasons; the notice is not published.
    """
    if await office.reading.policy(campaign, realm=realm.id) is None:
        raise not_found(f"通知“{campaign}”尚未公布。", "请先公布通知。", door=Door.PUBLISH)
    at = await office.stamp(realm, acted_at)
    application = application_id(realm.id, request_id)
    stored = await _draft_of(office, application, document)
    if stored is None:
        stored = await office.reading.draft(
            await office.intake.store_draft(realm.id, campaign, _as_stored(document))
        )
    if stored is None:
        raise not_found("存入的材料找不到了。")
    opening = OpenApplication(
        application=application,
        realm=realm.id,
        shift_seconds=await office.shift_in(realm),
    )
    act = Act(
        request_id=request_id,
        actor=Actor(person=stored.person, role="applicant"),
        acted_at=at,
        payload={"draft": stored.id},
    )
    gateway = await office.engine.cases()
    try:
        return await gateway.submit(opening, act)
    except RefusedByCaseError as err:
        reasons = await office.reasons(err.refusals, realm.id)
        raise not_eligible(reasons, application=opening.application) from None


async def realm_for(office: Office, realm: str, opens_at: datetime | None) -> RealmView:
    """The realm; a rehearsal of a new name opens at the time of its first submission.

    Raises:
        NoAnswer: there is none, and none may be opened here.
    """
    found = await office.reading.realm(realm)
    if found is not None or opens_at is None or not office.settings.allow_shift:
        return await office.realm(realm)
    await office.intake.open_realm(realm, opens_at)
    return await office.realm(realm)


async def examined(
    office: Office,
    document: ApplicationFile,
    campaign: str,
    realm: str,
    acted_at: datetime | None = None,
) -> Findings | None:
    """What the writer would find now; None where the notice is not published there yet."""
    if await office.reading.policy(campaign, realm=realm) is None:
        return None
    at = acted_at or await office.time_in(await office.realm(realm))
    # A draft is no submission: nobody is told of it, and submitting the same file uses it.
    draft = await office.intake.store_draft(realm, campaign, _as_stored(document))
    submissions = Submissions(office.pool, office.identity)
    found = await submissions.load_submission(
        SubmissionQuery(application="", realm=realm, draft=draft, as_of=at)
    )
    findings = examine(found.facts, found.standing, found.places, found.policy, found.calendar, at)
    return together((findings_of(*found.problems), findings))


def not_eligible(reasons: Sequence[Reason], **more: Any) -> NoAnswer:
    """All reasons at once; one reason alone is the answer itself."""
    in_all = reasons[0]
    if len(reasons) > 1:
        in_all = Reason(
            "ineligible",
            f"不符合申报条件，共 {len(reasons)} 条原因。",
            reasons[0].clause,
            "请按所列各条处理后重新提交。",
        )
    return NoAnswer(No.REFUSED, *reasons, in_all=in_all, **more)


def _as_stored(document: ApplicationFile) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude={"title"})


async def _draft_of(
    office: Office, application: str, document: ApplicationFile
) -> DraftView | None:
    """The draft that this request submitted before, if it was this document.

    Stored anew it would be another draft, and the same request would look like a different one.
    """
    entries = await office.reading.timeline(application)
    draft = str(entries[0].payload.get("draft", "")) if entries else ""
    found = await office.reading.draft(draft) if draft else None
    same = found is not None and (found.facts, found.name) == (
        document.facts,
        document.identity.name,
    )
    return found if same else None
