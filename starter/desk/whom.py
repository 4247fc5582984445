"""Whom a register's entry means: by an application, by a person's id, or by an ID number."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from starter.desk.office import Office
from starter.desk.refusing import No, NoAnswer, Reason
from workflows.rules.people import permit


async def person_meant(
    office: Office, realm: str, *, application: str = "", person: str = "", id_number: str = ""
) -> dict[str, str]:
    """Who is meant, as an operation states it; exactly one of the three is given.

    Raises:
        NoAnswer: no such application; or `malformed_payload` for a number that can be nobody's: a slip
            would bar nobody at all. The number is not repeated.
    """
    if application:
        return {"person": (await office.case(application, realm)).person}
    if person:
        return {"person": person}
    try:
        return {"id_number": permit(id_number)}
    except PydanticCustomError:
        reason = Reason(
            "malformed_payload",
            "证件号码不正确：身份证号码应为18位且校验码正确，其他证件号码由字母和数字组成。",
            next="请核对证件号码后重新登记；已有申报的，也可以用申报指明本人。",
            fields=("id_number",),
        )
        raise NoAnswer(No.REFUSED, reason) from None
