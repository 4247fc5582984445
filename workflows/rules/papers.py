"""The papers that leave the house: their names, what they are about, and who reads them."""

from __future__ import annotations

from enum import StrEnum


class PaperKind(StrEnum):
    """A kind of paper (domain.md 1A, 1B: the entries marked D)."""

    PUBLICITY_FORM = "publicity_form"
    """公示表 of the unit (BD 四(二)3(1)f)."""
    RETURN_NOTICE = "return_notice"
    """退回通知 of the unit or a place of the chain (BD 四(二)3(1)b)."""
    ONE_OFF_NOTICE = "one_off_notice"
    """一次性告知书 (BD 四(二)3(3)c, LC 四(二)4(1)b)."""
    NOT_ACCEPTED_NOTICE = "not_accepted_notice"
    """不予受理告知书 (BD 四(二)3(3)b)."""
    PAYMENT_NOTICE = "payment_notice"
    """缴费通知 (BD 六(三))."""
    RESULT_LIST = "result_list"
    """评审结果公示 (BD 四(三)3b)."""
    REVIEW_REPORT = "review_report"
    """评审情况报告 to 市职改办 (BD 四(三)3a)."""
    DRAFT_CONFIRMATION = "draft_confirmation"
    """代拟的职称资格确认通知 (BD 四(三)3e)."""
    CONFIRMATION = "confirmation"
    """职称资格确认通知 as issued (BD 四(三)3e)."""
    REPLY = "reply"
    """评审结果函复 to an entrusting unit (BD 四(三)3f)."""
    REVIEW_FORM = "review_form"
    """职称评审表 with the e-sealed result page (BD 四(三)4)."""
    CERTIFICATE = "certificate"
    """电子职称证书 (BD 四(三)5)."""
    RECHECK_ANSWER = "recheck_answer"
    """复查结果告知书 (BD 四(三)6d)."""
    DEADLINE_SHEET = "deadline_sheet"
    """期限计算书: each date with the days counted and skipped (domain.md 3C)."""


class Subject(StrEnum):
    """What a paper is about."""

    APPLICATION = "application"
    BATCH = "batch"


class SealOf(StrEnum):
    """Whose electronic seal a paper carries."""

    COMMITTEE = "committee"
    OFFICE = "office"
    CITY_OFFICE = "city_office"


class Reader(StrEnum):
    """How somebody who reads stands to what is read."""

    APPLICANT = "applicant"
    UNIT = "unit"
    CHAIN = "chain"
    OFFICE = "office"
    CITY_OFFICE = "city_office"
    ENTRUSTING_UNIT = "entrusting_unit"
    OPERATIONS = "operations"
    INQUIRER = "inquirer"
    """Of the body that inquires into an objection or complaint."""
    AUTHOR = "author"
    """Who made it."""
    OWN = "own"
    """Whose own matter it is."""
    ANYONE = "anyone"
