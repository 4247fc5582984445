"""Refusals: stable codes and the one exception a rule raises to say no."""

from __future__ import annotations

from enum import StrEnum

from workflows.rules.message import Message
from workflows.rules.text import shown

LONGEST_PARAM = 2000
MOST_REASONS = 500
"""As many as somebody mends before asking again; an answer with thousands has no room in a message."""


class Code(StrEnum):
    """The refusal codes of lifecycle.md; the Chinese sentences live beside the templates."""

    WRONG_STAGE = "wrong_stage"
    NOT_ENTITLED = "not_entitled"
    UNKNOWN_ACTION = "unknown_action"
    MALFORMED_PAYLOAD = "malformed_payload"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNDECODABLE_PAYLOAD = "undecodable_payload"
    NOT_VOUCHED = "not_vouched"
    """No key of ours signed it, or one that does not vouch for such an actor."""
    UNSAFE_TEXT = "unsafe_text"
    PRIVATE_CHARACTER = "private_character"
    """A text with characters that cannot be shown as they are (`rules.text`)."""
    ADDRESS_UNUSABLE = "address_unusable"
    """An e-mail address that no mail can bear (`rules.addresses`)."""
    DUPLICATE_CONFLICT = "duplicate_conflict"
    LOGIN_TAKEN = "login_taken"
    DATE_NOT_ALLOWED = "date_not_allowed"
    WINDOW_NOT_OPEN = "window_not_open"
    WINDOW_CLOSED = "window_closed"
    PUBLICITY_NOT_OVER = "publicity_not_over"
    INQUIRY_OPEN = "inquiry_open"
    CHECK_OPEN = "check_open"
    REASON_REQUIRED = "reason_required"
    ITEMS_REQUIRED = "items_required"
    TERM_OUT_OF_RANGE = "term_out_of_range"
    TERM_TOO_SHORT = "term_too_short"
    NEW_DEFECT = "new_defect"
    NO_RETURN_LEFT = "no_return_left"
    UNPUBLICISED_FILE = "unpublicised_file"
    ALREADY_DECIDED = "already_decided"
    RECHECK_TOO_LATE = "recheck_too_late"
    RECHECK_REPEATED = "recheck_repeated"
    URGE_TOO_SOON = "urge_too_soon"
    YEARLY_CHANCE_USED = "yearly_chance_used"
    ALREADY_OPEN = "already_open"
    EXCLUDED_OFFICIAL = "excluded_official"
    EXCLUDED_RETIRED = "excluded_retired"
    EXCLUDED_BAR = "excluded_bar"
    OUT_OF_SCOPE = "out_of_scope"
    LEVEL_NOT_HANDLED = "level_not_handled"
    RESIDENCY_SHORT = "residency_short"
    PAPER_MISSING = "paper_missing"
    ADMIN_CONFLICT = "admin_conflict"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_KIND_MISSING = "evidence_kind_missing"
    ACHIEVEMENT_TOO_EARLY = "achievement_too_early"
    PLEDGE_MISSING = "pledge_missing"
    EMPLOYER_MISMATCH = "employer_mismatch"
    CALENDAR_MISSING = "calendar_missing"
    TOO_MANY_TODAY = "too_many_today"
    """The day's limit of this office is reached; tomorrow the same may be done."""
    SHIFT_FORBIDDEN = "shift_forbidden"
    BUSY_TRY_AGAIN = "busy_try_again"
    INELIGIBLE = "ineligible"
    """Several reasons at once: the answer of `submit`, each reason a refusal of its own."""
    NOT_LATE = "not_late"
    """The deadline named has not begun, is met, or may not be moved that way."""
    CORRECTION_NOT_ASKED = "correction_not_asked"
    """A correction changes only what the return named, and never the way itself (A44)."""
    NOTHING_TO_SET_ASIDE = "nothing_to_set_aside"
    NOT_HEARD = "not_heard"
    """A finding against the applicant needs a hearing first (T3)."""
    SECOND_PERSON_REQUIRED = "second_person_required"
    IDENTITY_UNKNOWN = "identity_unknown"
    """Nobody knows which human a row of the directory is: no ID number was ever stated."""
    REQUEST_EXPIRED = "request_expired"
    COVER_NOT_POSSIBLE = "cover_not_possible"
    """What waited for a second person was not confirmed in its time."""
    MEETING_NOT_SET = "meeting_not_set"
    COMMITTEE_EXPIRED = "committee_expired"
    COMMITTEE_UNSOUND = "committee_unsound"
    COMMITTEE_DIFFERS = "committee_differs"
    """A filing or a pool that the law does not allow (40号令 art 6-11)."""
    POOL_TOO_SMALL = "pool_too_small"
    DRAW_NOT_COMMITTED = "draw_not_committed"
    """The supervising office has not committed itself to its value."""
    DRAW_OPEN = "draw_open"
    """A draw was ordered and waits for the value to be revealed."""
    DRAWS_USED_UP = "draws_used_up"
    COMMITMENT_BROKEN = "commitment_broken"
    """The value revealed is not the one committed to."""
    NOT_A_MEMBER = "not_a_member"
    QUORUM_SHORT = "quorum_short"
    CHAIR_MISSING = "chair_missing"
    RECUSED = "recused"
    GROUP_TOO_SMALL = "group_too_small"
    NOT_ON_LIST = "not_on_list"
    BALLOT_OUT_OF_RANGE = "ballot_out_of_range"
    BALLOT_DISAGREES = "ballot_disagrees"
    """The two entries of one ballot do not say the same."""
    BALLOT_OPEN = "ballot_open"
    """A candidate of the list has no result yet."""
    BATCH_NOT_READY = "batch_not_ready"
    BY_MEETING = "by_meeting"
    """The case is in a meeting, which alone brings its result (design.md 15)."""
    NUMBER_TAKEN = "number_taken"
    NEEDS_OPERATOR = "needs_operator"
    NOT_FOUND = "not_found"
    MORE_REASONS = "more_reasons"
    """There are so many more than an answer tells."""
    PAPER_NOT_DUE = "paper_not_due"
    """The act a paper follows from has not been done."""
    SEAL_MISSING = "seal_missing"
    CHARACTER_MISSING = "character_missing"
    """A paper that must be sealed, and no electronic seal is configured."""

    TITLE_WITHDRAWN = "title_withdrawn"
    """A paper of a title that was revoked, superseded, or is being judged again."""
    SEAL_NOT_ENTITLED = "seal_not_entitled"
    """A seal that may not certify titles of this committee."""


FOR_OPERATIONS = frozenset({Code.CALENDAR_MISSING, Code.NEEDS_OPERATOR})
"""Refusals that operations are told of: nobody else can do anything about them."""


class Refusal(Message):
    """Why something was refused: a code, the clause it rests on, and the values of its sentence."""

    code: Code
    clause: str = ""
    params: dict[str, str] = {}


class Refused(Exception):
    """Raised by a pure rule; carries one refusal or all of them, of thousands the first and how many
    more there are."""

    def __init__(self, *reasons: Refusal) -> None:
        self.reasons = _told(reasons)
        super().__init__(", ".join(reason.code for reason in self.reasons))

    @property
    def first(self) -> Refusal:
        """The refusal that gives the answer its code."""
        return self.reasons[0]


def refuse(code: Code, clause: str = "", **params: object) -> Refused:
    """Build the exception for one refusal; parameters become text for the sentence.

    A parameter may be what somebody sent: what of it cannot be shown is replaced.
    """
    told = {key: shown(str(value), LONGEST_PARAM) for key, value in params.items()}
    return Refused(Refusal(code=code, clause=clause, params=told))


def _told(reasons: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    if len(reasons) <= MOST_REASONS:
        return reasons
    own = [reason for reason in reasons if reason.code is not Code.MORE_REASONS]
    more = len(own[MOST_REASONS:])
    more += sum(int(item.params["number"]) for item in reasons if item.code is Code.MORE_REASONS)
    rest = Refusal(code=Code.MORE_REASONS, params={"number": str(more)})
    return (*own[:MOST_REASONS], rest)
