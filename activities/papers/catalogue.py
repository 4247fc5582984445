"""The catalogue of papers: what each is about, after which acts it is due, seals, and readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflows.rules.names import Stage
from workflows.rules.papers import PaperKind, Reader, SealOf, Subject

ISSUED = ("confirm", "reply_to_entrusting_unit", "file_for_record")
"""The acts that bring a result's day (A11)."""
RETURNED = ("return_for_correction", "override_return")
OWN = frozenset({Reader.APPLICANT, Reader.UNIT, Reader.CHAIN, Reader.OFFICE, Reader.CITY_OFFICE})
AUTHORITIES = frozenset({Reader.OFFICE, Reader.CITY_OFFICE})
EVERYBODY = frozenset({Reader.ANYONE})


@dataclass(frozen=True)
class Paper:
    """A row of the catalogue.

    Attributes:
        steps: the acts after which the paper is due; the last of them is the step it belongs to.
            Empty: it may be made at any step, or it is about a batch.
        stages: where the case stands after that step; empty where it does not matter.
        seals: the seals it carries, in the order they are set.
        public: posted where anybody reads it, so personal data is masked by `masking.toml`.
        readers: who may have it made and fetch it.
        afterwards: who still may when what was posted no longer hangs; of public papers only.
    """

    kind: PaperKind
    subject: Subject = Subject.APPLICATION
    steps: tuple[str, ...] = ()
    stages: frozenset[Stage] = field(default_factory=frozenset)
    seals: tuple[SealOf, ...] = ()
    public: bool = False
    readers: frozenset[Reader] = OWN
    afterwards: frozenset[Reader] = OWN

    @property
    def template(self) -> str:
        """The file in `templates/papers`."""
        return f"{self.kind}.typ"


_BATCH = Subject.BATCH
_ROWS = (
    Paper(
        PaperKind.PUBLICITY_FORM,
        steps=("start_publicity", "restart_publicity"),
        stages=frozenset({Stage.UNIT_PUBLICITY}),
        public=True,
        readers=EVERYBODY,
    ),
    Paper(
        PaperKind.RETURN_NOTICE,
        steps=RETURNED,
        stages=frozenset({Stage.UNIT_CORRECTION, Stage.CHAIN_CORRECTION}),
    ),
    Paper(
        PaperKind.ONE_OFF_NOTICE,
        steps=RETURNED,
        stages=frozenset({Stage.COMMITTEE_CORRECTION}),
        seals=(SealOf.OFFICE,),
    ),
    Paper(PaperKind.NOT_ACCEPTED_NOTICE, steps=("refuse",), seals=(SealOf.OFFICE,)),
    Paper(
        PaperKind.PAYMENT_NOTICE,
        # By the office, by itself when the window opens, or with the acceptance inside it (A18).
        steps=("send_pay_notice", "pay_notice", "accept"),
        seals=(SealOf.OFFICE,),
        readers=frozenset({Reader.APPLICANT, Reader.UNIT, Reader.OFFICE}),
    ),
    Paper(
        PaperKind.REVIEW_FORM,
        steps=ISSUED,
        seals=(SealOf.COMMITTEE, SealOf.CITY_OFFICE),
    ),
    Paper(
        PaperKind.CERTIFICATE,
        steps=("confirm", "file_for_record"),
        seals=(SealOf.CITY_OFFICE,),
    ),
    Paper(
        PaperKind.RECHECK_ANSWER,
        steps=("decide_recheck",),
        seals=(SealOf.OFFICE,),
        readers=frozenset({Reader.APPLICANT, Reader.OFFICE, Reader.CITY_OFFICE}),
    ),
    Paper(PaperKind.DEADLINE_SHEET),
    Paper(
        PaperKind.RESULT_LIST,
        _BATCH,
        seals=(SealOf.OFFICE,),
        public=True,
        readers=EVERYBODY,
        afterwards=AUTHORITIES | {Reader.UNIT, Reader.CHAIN},
    ),
    Paper(PaperKind.REVIEW_REPORT, _BATCH, seals=(SealOf.OFFICE,), readers=AUTHORITIES),
    Paper(PaperKind.DRAFT_CONFIRMATION, _BATCH, readers=AUTHORITIES),
    Paper(
        PaperKind.CONFIRMATION,
        _BATCH,
        seals=(SealOf.CITY_OFFICE,),
        # 呈报单位 forwards it, the unit receives it (BD 四(三)4a).
        readers=AUTHORITIES | {Reader.UNIT, Reader.CHAIN},
    ),
    Paper(
        PaperKind.REPLY,
        _BATCH,
        seals=(SealOf.OFFICE,),
        readers=AUTHORITIES | {Reader.ENTRUSTING_UNIT},
    ),
)
PAPERS: dict[PaperKind, Paper] = {row.kind: row for row in _ROWS}
