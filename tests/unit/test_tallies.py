"""What the desk refuses itself is counted by code, once however many reasons have it."""

from __future__ import annotations

from config.gateway.errors import RefusedByCaseError
from starter.desk import tallies
from starter.desk.translating import translated
from workflows.rules.refusals import Code, Refusal, Refused


def test_a_no_of_the_desk_is_counted_by_its_codes_and_one_of_a_case_is_not() -> None:
    before = tallies.REFUSED.copy()
    own = Refused(
        Refusal(code=Code.WRONG_STAGE),
        Refusal(code=Code.WRONG_STAGE),
        Refusal(code=Code.NOT_ENTITLED),
    )

    translated(own)
    # The writer counted this one where it left.
    translated(RefusedByCaseError((Refusal(code=Code.WRONG_STAGE),)))

    assert tallies.REFUSED - before == {"wrong_stage": 1, "not_entitled": 1}
