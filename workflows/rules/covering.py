"""Absence cover: what of a supervisor's a deputy may be lent, and for how long at most (decision 0037)."""

from __future__ import annotations

from typing import Literal, get_args

CaseAct = Literal["override_return", "extend_deadline", "send_pay_notice"]
"""Acts on a case that a supervisor alone may do, or may do further than a member."""
MeetingAct = Literal["recuse"]
LentOperation = Literal["publish_campaign", "amend_campaign"]
"""Never whatever gives or takes a right, an account or a cover: a lent right makes no rights."""
Lendable = CaseAct | MeetingAct | LentOperation

CASE_ACTS: tuple[str, ...] = get_args(CaseAct)
MEETING_ACTS: tuple[str, ...] = get_args(MeetingAct)
OPERATIONS: tuple[str, ...] = get_args(LentOperation)
LENDABLE = (*CASE_ACTS, *MEETING_ACTS, *OPERATIONS)

MOST_DAYS = 60
"""An absence that is longer is a matter of rights: whoever is above grants one."""
