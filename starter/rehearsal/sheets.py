"""What a step of a meeting states, from the words of a scenario file to the payload of the act.

Who is drawn is chance, so a file names experts by their place: `expert[0]`, `spare[0]`, `chair`;
sheets may be written short: `passed`, `failed`, `votes`, and opinions by alias.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starter.rehearsal.proofreading import NAMING
from starter.rehearsal.roles import UnknownRoleError
from workflows.rules.ballot import GROUP_AT_LEAST, needed_yes, voters_on
from workflows.rules.committee import Seat

_PLACED = re.compile(r"(expert|spare)\[(\d+)\]")
ALL = "all"
VOTES = ("yes", "no", "abstain", "uncast")
OPINION = "申报材料真实，业绩符合申报条件，建议提交评审（示例意见）"


@dataclass(frozen=True)
class Sheets:
    """A meeting as its sheets see it: who sits, who is there, who is judged and by whom not."""

    applications: Mapping[str, str]
    """Alias → application id."""
    seats: Sequence[Seat] = ()
    present: Sequence[str] = ()
    ballot: Sequence[str] = ()
    """Applications on the ballot."""
    recused: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Application → experts who must not judge it."""

    @property
    def members(self) -> list[str]:
        """Those who sit, the chairs first: the same order whatever the draw's."""
        sitting = [seat for seat in self.seats if seat.sits]
        return [seat.expert for seat in sorted(sitting, key=lambda s: (not s.chair, s.expert))]

    def voters(self, application: str) -> int:
        """How many may vote on one."""
        return voters_on(self.present, self.recused.get(application, ()))

    def payload(self, action: str, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The payload of an act as its `with` states it.

        Raises:
            UnknownRoleError: a word for an expert means nobody here.
        """
        meant = {key: self._meant(key, value) for key, value in stated.items()}
        if action == "enter_ballots":
            return self._ballots(meant)
        if action == "record_opinions":
            return self._opinions(meant)
        return meant

    def _meant(self, key: str, value: Any) -> Any:
        if key in ("expert", "chair"):
            return self._expert(str(value))
        if key in ("experts", "present"):
            return self._experts(value)
        if key in NAMING and value != ALL:
            return self._named(value)
        return value

    def _named(self, value: Any) -> Any:
        """Aliases as application ids: one, several, a table by alias, or rows of a sheet."""
        if isinstance(value, Mapping):
            return {self.applications.get(alias, alias): item for alias, item in value.items()}
        if isinstance(value, str):
            return self.applications.get(value, value)
        return [
            {k: self._meant(k, v) for k, v in item.items()}
            if isinstance(item, Mapping)
            else self._named(item)
            for item in value
        ]

    def _expert(self, word: str) -> str:
        if word == "chair":
            here = [seat.expert for seat in self.seats if seat.sits and seat.chair]
            there = [expert for expert in here if expert in self.present]
            return self._nth(sorted(there or here), 0, word)
        if placed := _PLACED.fullmatch(word):
            spares = [seat.expert for seat in self.seats if seat.spare]
            return self._nth(
                self.members if placed[1] == "expert" else spares, int(placed[2]), word
            )
        return word

    def _experts(self, value: Any) -> list[str]:
        if isinstance(value, int):
            return self.members[:value]
        if value in (ALL, "present"):
            return list(self.members if value == ALL else self.present)
        return [self._expert(str(item)) for item in value]

    def _nth(self, experts: Sequence[str], place: int, word: str) -> str:
        if place >= len(experts):
            raise UnknownRoleError(f"评审会没有抽取 {word}。")
        return experts[place]

    def _ballots(self, stated: dict[str, Any]) -> dict[str, Any]:
        """`passed` and `failed` by name, `votes` as yes, no, abstain; `tallies` as they stand."""
        failed = stated.pop("failed", [])
        failed = list(self.ballot) if failed == ALL else failed
        passed = stated.pop("passed", [])
        if passed == ALL:
            passed = [name for name in self.ballot if name not in failed]
        tallies = [self._tally(name, passes=True) for name in passed]
        tallies += [self._tally(name, passes=False) for name in failed]
        for name, votes in stated.pop("votes", {}).items():
            tallies.append({"application": name, **dict(zip(VOTES, votes, strict=False))})
        return {**stated, "tallies": [*tallies, *stated.get("tallies", [])]}

    def _tally(self, application: str, *, passes: bool) -> dict[str, Any]:
        """One vote against a pass, one too few for it: what the voters' number allows."""
        voters = self.voters(application)
        needed = needed_yes(voters)
        yes = max(needed, voters - 1) if passes else max(needed - 1, 0)
        return {"application": application, "yes": yes, "no": max(voters - yes, 0)}

    def _opinions(self, stated: dict[str, Any]) -> dict[str, Any]:
        """`opinions` by alias, or for all; without experts by the first three who may judge."""
        opinions, text = stated.pop("opinions", ALL), stated.pop("text", OPINION)
        if opinions == ALL:
            opinions = dict.fromkeys(self.ballot, text)
        if isinstance(opinions, Mapping):
            opinions = [{"application": name, "text": told} for name, told in opinions.items()]
        if not stated.get("experts"):
            opinions = [{"experts": self._group(item["application"]), **item} for item in opinions]
        return {**stated, "opinions": list(opinions)}

    def _group(self, application: str) -> list[str]:
        barred = self.recused.get(application, ())
        able = [expert for expert in self.members if expert in self.present]
        return [expert for expert in able if expert not in barred][:GROUP_AT_LEAST]
