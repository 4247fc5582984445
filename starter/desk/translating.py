"""What went wrong, as a no that every face can tell."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from activities.content_keys import IdentityKeyUnknownError
from activities.database import CONTENT
from activities.references import AmbiguousReferenceError
from activities.tls import NotTrustedError
from config.gateway.errors import (
    GatewayError,
    NotFoundError,
    RefusedByCaseError,
    TemporalNotTrustedError,
    TemporalUnavailableError,
    UnknownError,
)
from config.reading import FileError
from config.settings import SettingsError
from starter.desk.refusing import Door, No, NoAnswer, Reason, not_found, told_no, unavailable
from starter.desk.stating import StatedError
from starter.desk.tallies import tally
from starter.desk.wording import reason_of
from starter.private_files import why_zh
from workflows.rules.refusals import MOST_REASONS, Code, Refusal, Refused
from workflows.writer.reading import unreadable


def translated(err: Exception) -> NoAnswer:
    """What an exception means to the person who asked."""
    if isinstance(err, NoAnswer):
        return err
    if isinstance(err, Refused):
        tally(err.reasons)
        return told_no(reason_of(item) for item in err.reasons)
    if isinstance(err, AmbiguousReferenceError):
        return _several(err)
    if isinstance(err, FileError):
        return _translated_file(err)
    if isinstance(err, ValidationError):
        refused = unreadable(err).reasons
        tally(refused)
        return told_no(reason_of(item) for item in refused)
    return _translated_connection(err)


def _several(err: AmbiguousReferenceError) -> NoAnswer:
    told = f"“{err.reference}”不止对应一项。"
    meant = f"请写明其中一项：{'、'.join(err.candidates)}"
    return NoAnswer(No.NOT_FOUND, Reason("ambiguous", told, next=meant))


def _translated_file(err: FileError) -> NoAnswer:
    """Each problem names its key; a campaign file's also the clause that says what is missing."""
    fields = err.fields if isinstance(err, StatedError) else ()
    clauses = [getattr(finding, "clause", "") for finding in getattr(err, "findings", ())]
    clauses = clauses[:MOST_REASONS]
    clauses += [""] * (len(err.problems) - len(clauses))
    name = f"{Path(err.where).name}：" if err.where else ""
    reasons = [
        Reason(err.code, name + problem, clause, "请改正后再试。", fields[number : number + 1])
        for number, (problem, clause) in enumerate(zip(err.problems, clauses, strict=True))
    ]
    return NoAnswer(No.REFUSED, *reasons, file=err.where)


def _translated_connection(err: Exception) -> NoAnswer:
    """The same for what comes from outside."""
    if isinstance(err, SettingsError):
        mend = err.mend or "请核对设置，以及各部分是否在运行。"
        return unavailable(err.told, mend, door=Door.STACK, code=err.code)
    if isinstance(err, (NotTrustedError, TemporalNotTrustedError, IdentityKeyUnknownError)):
        return unavailable(err.told, err.mend, door=Door.STACK, code=err.code)
    if isinstance(err, TemporalUnavailableError):
        return unavailable(str(err), door=Door.STACK)
    if isinstance(err, GatewayError):
        return _translated_gateway(err)
    if isinstance(err, CONTENT):  # asking again changes nothing: it is what was stated
        return told_no([reason_of(Refusal(code=Code.MALFORMED_PAYLOAD))])
    return _translated_fault(err)


def _translated_fault(err: Exception) -> NoAnswer:
    """A file that is named, a connection that is not there, or a fault of ours."""
    if isinstance(err, OSError) and err.filename is not None:
        return unavailable(
            f"{err.filename} 不能读写（{why_zh(err)}）。", "请核对位置、权限和磁盘空间后再试。"
        )
    if isinstance(err, OSError) or type(err).__module__.startswith("asyncpg"):
        return unavailable(f"数据库暂不可用（{type(err).__name__}）。", door=Door.STACK)
    return unavailable(
        f"程序内部出错（{type(err).__name__}），未能得到结果。",
        "请把所办的事项与此提示告知运维人员。",
    )


def _translated_gateway(err: Exception) -> NoAnswer:
    if isinstance(err, RefusedByCaseError):
        return told_no(reason_of(item) for item in err.refusals)
    if isinstance(err, NotFoundError):
        return not_found(f"没有申报 {err.application}。", "请核对编号。", door=Door.CASES)
    if isinstance(err, UnknownError):
        handed = "已另以信号送达，" if err.handed_over else ""
        return NoAnswer(
            No.UNKNOWN,
            Reason(
                "unknown",
                f"暂未得到答复：{handed}可能已办，也可能未办。",
                next="请用同一请求号再问一次，不会重复办理。",
                door=Door.ASK_AGAIN,
                subject=err.request_id,
            ),
            request_id=err.request_id,
        )
    return unavailable("职评服务暂不可用。", door=Door.STACK)
