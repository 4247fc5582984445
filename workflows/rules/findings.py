"""What the checks at submission found: every reason to refuse at once, and every open point."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.rules.facts import OpenCheck
from workflows.rules.message import Message
from workflows.rules.refusals import Code, Refusal


class Findings(Message):
    """All refusals and all open checks of one submission; sound only without a refusal."""

    refusals: tuple[Refusal, ...] = ()
    checks: tuple[OpenCheck, ...] = ()

    @property
    def sound(self) -> bool:
        """True where nothing stands against the submission (open checks may remain)."""
        return not self.refusals


def together(parts: Iterable[Findings]) -> Findings:
    """One set of findings out of several, in their order and without repetition."""
    refusals: list[Refusal] = []
    checks: list[OpenCheck] = []
    for part in parts:
        refusals += [item for item in part.refusals if item not in refusals]
        checks += [item for item in part.checks if item not in checks]
    return Findings(refusals=tuple(refusals), checks=tuple(checks))


def refused(*reasons: Refusal) -> Findings:
    """Findings that only refuse."""
    return Findings(refusals=reasons)


def left_open(*checks: OpenCheck) -> Findings:
    """Findings that only leave points to a person."""
    return Findings(checks=checks)


def reason(code: Code, clause: str, **params: object) -> Refusal:
    """One reason to refuse; parameters become text for its sentence."""
    return Refusal(code=code, clause=clause, params={k: str(v) for k, v in params.items()})
