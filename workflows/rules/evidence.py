"""Papers, proofs, achievements and statements that must be there at submission."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from workflows.rules.facts import Achievement, Facts
from workflows.rules.findings import Findings, reason, refused, together
from workflows.rules.message import local
from workflows.rules.names import Route
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal

ANY_OF = "|"
"""Between alternatives in a document kind: `contract|agreement` is met by either."""

ENTRUSTMENT_LETTER = "entrustment_letter"
"""委托评审函: needed on route 5 and wherever a review is entrusted (40号令 art 28)."""

CONDITIONS: dict[str, Callable[[Facts], bool]] = {
    "self_insured": lambda facts: facts.self_insured,
    "tax_record": lambda facts: facts.tax_record,
}
"""Freelancer's proofs that are facts; another name in the policy is a paper."""

UNRESTRICTED_INDUSTRY = "unrestricted_industry"


def examine_papers(facts: Facts, policy: Policy) -> Findings:
    """Name every paper the route, the kind of applicant or the freelancer's status asks for."""
    return together(
        (
            _route_papers(facts, policy),
            _permits(facts, policy),
            _freelancer_proofs(facts, policy),
        )
    )


def examine_achievements(facts: Facts, policy: Policy) -> Findings:
    """Check each achievement's evidence, its kinds of documents, and that it is not too old."""
    found: list[Refusal] = []
    for achievement in facts.achievements:
        found += _evidence(achievement, policy)
        found += _documents(achievement, policy)
        found += _too_early(achievement, facts, policy)
    return refused(*found)


def examine_statements(facts: Facts, policy: Policy, at: datetime) -> Findings:
    """诚信承诺 signed before submission, and secrets taken out (脱密)."""
    found: list[Refusal] = []
    pledge = policy.clause(Code.PLEDGE_MISSING.value, policy.annual_limit.source)
    if facts.pledged_at is None or local(facts.pledged_at) > local(at):
        found.append(reason(Code.PLEDGE_MISSING, pledge, statement="integrity"))
    elif not _pledges_this(facts, policy):
        named = facts.pledge_version or str(local(facts.pledged_at).year)
        found.append(reason(Code.PLEDGE_MISSING, pledge, statement="other_notice", known=named))
    if not facts.declassified:
        secrets = policy.clause("declassified")
        found.append(reason(Code.PLEDGE_MISSING, secrets, statement="declassified"))
    return refused(*found)


def _pledges_this(facts: Facts, policy: Policy) -> bool:
    """A pledge is given for one notice: the one its version names, else one of its own year."""
    if facts.pledge_version:
        return facts.pledge_version.partition("/")[0] == policy.campaign
    return facts.pledged_at is not None and local(facts.pledged_at).year == policy.year


def holds(kinds: Iterable[str], wanted: str) -> bool:
    """True where one of the alternatives of `wanted` is among the kinds."""
    return not set(wanted.split(ANY_OF)).isdisjoint(kinds)


def _route_papers(facts: Facts, policy: Policy) -> Findings:
    route = policy.routes.get(facts.route)
    if route is None:
        return Findings()
    wanted = list(route.papers)
    if facts.entrusted and ENTRUSTMENT_LETTER not in wanted:
        wanted.append(ENTRUSTMENT_LETTER)
    return refused(
        *(
            reason(Code.PAPER_MISSING, route.source, paper=kind)
            for kind in wanted
            if not holds(facts.papers, kind)
        )
    )


def _permits(facts: Facts, policy: Policy) -> Findings:
    if policy.applicants is None:
        return Findings()
    wanted = policy.applicants.permits.get(facts.applicant_kind, ())
    if not wanted or holds(facts.papers, ANY_OF.join(wanted)):
        return Findings()
    return refused(reason(Code.PAPER_MISSING, policy.applicants.source, paper=ANY_OF.join(wanted)))


def _freelancer_proofs(facts: Facts, policy: Policy) -> Findings:
    if facts.route is not Route.FREELANCER:
        return Findings()
    clause = policy.freelancer.source
    found: list[Refusal] = []
    for proof in policy.freelancer.proofs:
        if proof == UNRESTRICTED_INDUSTRY:
            # No paper mends this one: the industry itself is tied to a firm's 承接资质.
            if facts.restricted_industry:
                found.append(reason(Code.OUT_OF_SCOPE, clause, reason="restricted_industry"))
        elif not _proved(facts, proof):
            found.append(reason(Code.PAPER_MISSING, clause, paper=proof))
    return refused(*found)


def _proved(facts: Facts, proof: str) -> bool:
    condition = CONDITIONS.get(proof)
    return condition(facts) if condition else holds(facts.papers, proof)


def _evidence(achievement: Achievement, policy: Policy) -> list[Refusal]:
    if not policy.achievements.evidence_required or achievement.evidence or achievement.files:
        return []
    clause = policy.achievements.source
    return [reason(Code.EVIDENCE_MISSING, clause, achievement=achievement.id)]


def _documents(achievement: Achievement, policy: Policy) -> list[Refusal]:
    return [
        reason(
            Code.EVIDENCE_KIND_MISSING,
            policy.achievements.source,
            achievement=achievement.id,
            kind=achievement.kind,
            document=document,
        )
        for document in policy.achievements.kinds.get(achievement.kind, ())
        if not holds(achievement.evidence, document)
    ]


def _too_early(achievement: Achievement, facts: Facts, policy: Policy) -> list[Refusal]:
    title = facts.current_title
    if not policy.achievements.after_current_title or title is None:
        return []
    if achievement.achieved_on > title.obtained_on:
        return []
    return [
        reason(
            Code.ACHIEVEMENT_TOO_EARLY,
            policy.achievements.source,
            achievement=achievement.id,
            achieved_on=achievement.achieved_on,
            title_obtained_on=title.obtained_on,
        )
    ]
