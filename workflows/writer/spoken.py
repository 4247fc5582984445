"""What a subject of a writer is, and what it says to the frame (`writer`)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from workflows.rules.names import Relation
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.inbox import Pending
from workflows.writer.messages import Act, Carried, Parked, Standstill


class Opening(Protocol):
    """What a run starts with."""

    @property
    def subject(self) -> str: ...
    @property
    def realm(self) -> str: ...
    @property
    def shift_seconds(self) -> float: ...
    @property
    def beside(self) -> Carried: ...


class Subject(Protocol):
    """What a writer writes about: a case or a meeting."""

    seq: int
    requests: dict[str, str]


class Due(Protocol):
    """Something that strikes at an instant."""

    @property
    def at(self) -> datetime: ...
    @property
    def key(self) -> str: ...


S = TypeVar("S", bound=Subject)


class Known(Protocol):
    """An act as a catalogue has it."""

    @property
    def by(self) -> tuple[Relation, ...]: ...


M = TypeVar("M")
D = TypeVar("D", bound=Due)
A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True)
class Outcome(Generic[A]):
    """What the record answered: its answer, or why nothing was written."""

    answer: A | None = None
    refusals: tuple[Refusal, ...] = ()


class Spoken(Generic[S, M, D, A, R]):
    """What each subject says: `S` the subject, `M` a move of it, `D` what strikes, `A` the record's
    answer, `R` the receipt of an act."""

    async def _load(self) -> S | None:
        """A subject that is there already and only not in this run; None where there is none.

        Raises:
            Refused: it cannot be loaded; everybody who waits is answered so, and the run ends.
        """
        return None

    async def _last_recorded(self, subject: S) -> int:
        """The number of the record's last step; looked at where it is nudged."""
        return subject.seq

    async def _taken_up(self, before: S | None, pending: Pending[R] | None) -> S:
        """The subject as the record has it, where that has other steps than this run (`ahead`).

        Args:
            before: what this run knows; None where it has not opened it yet.
            pending: what is at hand; answered here where the record has its answer.

        Raises:
            Refused: it cannot be loaded.
        """
        raise refuse(Code.NEEDS_OPERATOR, "", reason="step_conflict")

    @abstractmethod
    async def _open(self, act: Act) -> M:
        """The first move of a subject that is not there yet; `Refused` where there is none."""

    def _not_opened(self, act: Act, refusals: tuple[Refusal, ...]) -> M | None:
        """The move that records why nothing was opened; None where nothing is to be recorded."""
        return None

    @abstractmethod
    def _decide(self, subject: S, name: str, act: Act, now: datetime) -> M:
        """Decide one act, purely; a `Refused` answers it."""

    @abstractmethod
    async def _amended(self, subject: S, act: Act) -> M:
        """Decide an amendment, on what is published; loaded only for who may bring one."""

    @abstractmethod
    def _next_due(self, subject: S) -> D | None:
        """What strikes next; `Refused` where a clock cannot be computed."""

    @abstractmethod
    def _let_strike(self, subject: S, due: D, now: datetime) -> M:
        """Let it strike on a copy; `Refused` where what follows cannot be computed."""

    @abstractmethod
    async def _record(self, move: M, seq: int) -> Outcome[A]:
        """Write one move in one transaction."""

    @abstractmethod
    async def _record_refusal(
        self, subject: S, name: str, act: Act | None, refusals: tuple[Refusal, ...]
    ) -> None:
        """Write a refusal as a step of its own; it changes nothing else."""

    @abstractmethod
    def _must_record(self, subject: S, pending: Pending[R], refusals: tuple[Refusal, ...]) -> bool:
        """Whether a refusal goes into the record, beside being answered (design.md 8)."""

    @abstractmethod
    def _adopted(self, move: M, answer: A) -> S:
        """The subject after a move that was written."""

    @abstractmethod
    def _committed(self, move: M) -> S:
        """The subject as a move left it, where the record's answer could not be taken in."""

    @abstractmethod
    def _receipt(self, subject: S, name: str, move: M | None, answer: A | None) -> R:
        """The answer to an act that was done."""

    @abstractmethod
    def _repeated(self, subject: S, name: str, seq: int) -> R:
        """The answer to an act that was done before."""

    @abstractmethod
    def _stands(self, name: str) -> R:
        """A receipt that says how things stand now, also where nothing was ever opened."""

    @abstractmethod
    def _is_over(self, subject: S) -> bool:
        """Whether nothing can follow any more."""

    @abstractmethod
    def _carried_on(self, beside: Carried) -> Any:
        """What the next run starts with: the subject, and what is carried beside it."""

    @abstractmethod
    def _standstill(self, parked: Parked | None) -> Standstill:
        """What operations are told of a standstill, or of its end."""

    def _is_near(self, subject: S, act: Act) -> bool:
        """Whether its sender has to do with the subject; strangers wait behind."""
        return True

    async def _before_message(self, subject: S) -> bool:
        """Something of its own that comes before the next message; True where there was."""
        return False

    async def _after(self, before: S | None, move: M) -> None:
        """What follows a step outside its transaction."""
