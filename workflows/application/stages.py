"""Groups of stages that several acts mean."""

from __future__ import annotations

from workflows.rules.names import Stage

ALL_STAGES = tuple(Stage)
RESULT_STAGES = (Stage.RESULT_RECORDED, Stage.RESULT_PUBLICITY)
AFTER_CONFIRMATION = (Stage.RECHECK_WINDOW, Stage.RECHECK)
EARLY_STAGES = (
    Stage.UNIT_REVIEW,
    Stage.UNIT_CORRECTION,
    Stage.UNIT_PUBLICITY,
    Stage.CHAIN_REVIEW,
    Stage.CHAIN_CORRECTION,
    Stage.COMMITTEE_INTAKE,
    Stage.COMMITTEE_CORRECTION,
    Stage.AWAITING_PAYMENT,
    Stage.AWAITING_MEETING,
)
"""The stages before the meeting."""
OF_THE_MEETING = frozenset(
    {
        Stage.AWAITING_MEETING,
        Stage.IN_REVIEW,
        *RESULT_STAGES,
        Stage.AWAITING_CONFIRMATION,
    }
)
"""Stages whose work is the meeting's, one task for all of its batch (design.md 15)."""
