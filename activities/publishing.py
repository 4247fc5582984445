"""Publishing campaigns and calendars: every version is kept, none is ever changed."""

from __future__ import annotations

import json

from activities.offices import stranding
from activities.operating import Operating, content_hash
from activities.statements import statements
from workflows.operation.messages import Affected, OperationOutcome
from workflows.operation.payloads import StatedCampaign, StatedYears
from workflows.rules.calendar import CalendarYear
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refused, refuse

SQL = statements("operations")


async def publish_campaign(work: Operating) -> OperationOutcome:
    """Publish a new campaign; the same content again is the version there is.

    Raises:
        Refused: `duplicate_conflict` for another content: that is an amendment; `not_found` and
            `committee_differs` where its cases would strand.
    """
    stated = work.read(StatedCampaign)
    campaign = stated.policy.campaign
    await work.connection.execute(SQL["lock_register"], campaign)
    latest = await work.connection.fetchrow(SQL["latest_campaign"], campaign, work.kept_under)
    # A rehearsal may try another content than the live office published; it is seen there alone.
    if latest is None or (
        latest["realm"] != work.kept_under and latest["content_hash"] != _hash(stated)
    ):
        await _check_offices(work, stated)
        return await _add_campaign(work, stated, await work.reason(stated.reason, needed=False))
    if latest["content_hash"] == _hash(stated):
        return OperationOutcome(done=True, version=str(latest["version"]))
    raise refuse(
        Code.DUPLICATE_CONFLICT, campaign=campaign, version=latest["version"], next="amend"
    )


async def amend_campaign(work: Operating) -> OperationOutcome:
    """Publish a further version, with its reason; `affected` are the open cases of the campaign.

    Raises:
        Refused: `not_found` for a campaign never published, `reason_required`; as
            `publish_campaign` where its cases would strand.
    """
    stated = work.read(StatedCampaign)
    campaign = stated.policy.campaign
    reason = await work.reason(stated.reason)
    await work.connection.execute(SQL["lock_register"], campaign)
    latest = await work.connection.fetchrow(SQL["latest_campaign"], campaign, work.kept_under)
    if latest is None:
        raise refuse(Code.NOT_FOUND, what="campaign", campaign=campaign)
    affected = await _affected(work, campaign)
    if latest["content_hash"] == _hash(stated):
        return OperationOutcome(
            done=True,
            version=str(latest["version"]),
            affected=affected,
            params={"reason": reason},
        )
    await _check_offices(work, stated)
    outcome = await _add_campaign(work, stated, reason)
    told = {**outcome.params, "reason": reason}
    return outcome.model_copy(update={"affected": affected, "params": told})


async def load_calendar(work: Operating) -> OperationOutcome:
    """Load years that were not published before; `affected` are the open cases, which wait for it.

    Raises:
        Refused: `duplicate_conflict` for a year that is there with other days.
    """
    stated = work.read(StatedYears)
    reason = await work.reason(stated.reason, needed=False)
    return await _load(work, stated, reason, amend=False)


async def amend_calendar(work: Operating) -> OperationOutcome:
    """Change a published year, with its reason; `affected` are the open cases.

    Raises:
        Refused: `reason_required`.
    """
    stated = work.read(StatedYears)
    reason = await work.reason(stated.reason)
    return await _load(work, stated, reason, amend=True)


async def _check_offices(work: Operating, stated: StatedCampaign) -> None:
    if problems := await stranding(work, stated.policy):
        raise Refused(*problems)


def _hash(stated: StatedCampaign) -> str:
    # Version and digest are given here, so they are no part of what was published.
    policy = stated.policy.model_dump(mode="json", exclude={"version", "digest"})
    return content_hash({"policy": policy, "content": stated.content})


async def _add_campaign(work: Operating, stated: StatedCampaign, reason: str) -> OperationOutcome:
    campaign = stated.policy.campaign
    last: int = await work.connection.fetchval(SQL["last_version"], campaign, work.kept_under)
    policy = stated.policy.model_copy(update={"version": last + 1, "digest": ""})
    await work.connection.execute(
        SQL["add_campaign"],
        campaign,
        work.kept_under,
        policy.version,
        policy.year,
        policy.model_dump_json(),
        json.dumps(stated.content, ensure_ascii=False),
        _hash(stated),
        work.at,
        " ".join(filter(None, (work.by, work.actor.principal))),
        reason,
    )
    return OperationOutcome(
        done=True, version=str(policy.version), count=1, params={"campaign": campaign}
    )


async def _load(
    work: Operating, stated: StatedYears, reason: str, *, amend: bool
) -> OperationOutcome:
    connection, kept_under = work.connection, work.kept_under
    await connection.execute(SQL["lock_register"], "calendar")
    row = await connection.fetchrow(SQL["latest_calendar"], kept_under)
    known = _known(row["years"] if row else "{}")
    whole = {item.year: item.laid_over(known.get(item.year)) for item in stated.years}
    changed = {year: days for year, days in whole.items() if known.get(year) != days}
    affected = await _affected(work, "")
    if row and not changed:
        return OperationOutcome(
            done=True,
            version=row["version"],
            affected=affected,
            params={"reason": reason} if reason else {},
        )
    own = row is not None and row["realm"] == kept_under
    if own and not amend and (repeated := sorted(changed.keys() & known.keys())):
        raise refuse(Code.DUPLICATE_CONFLICT, Reading.WORKING_DAYS, year=repeated[0], next="amend")
    years = known | changed
    plain = {str(key): years[key].model_dump(mode="json") for key in sorted(years)}
    digest = content_hash(plain)
    # As in config: two calendars with one version are the same calendar.
    version = f"cn-{min(years)}-{max(years)}-{digest[:8]}"
    await connection.execute(
        SQL["add_calendar"],
        kept_under,
        1 + await connection.fetchval(SQL["last_calendar"], kept_under),
        version,
        json.dumps(plain, ensure_ascii=False),
        digest,
        work.at,
        work.by,
        reason,
    )
    told = {"reason": reason} if reason else {}
    return OperationOutcome(
        done=True, version=version, count=len(changed), affected=affected, params=told
    )


def _known(years: str) -> dict[int, CalendarYear]:
    stored = json.loads(years)
    return {int(key): CalendarYear.model_validate(value) for key, value in stored.items()}


async def _affected(work: Operating, campaign: str) -> Affected:
    count: int = await work.connection.fetchval(SQL["count_open"], work.realms, campaign)
    return Affected(realms=tuple(work.realms), campaign=campaign, count=count)
