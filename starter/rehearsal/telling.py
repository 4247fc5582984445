"""A rehearsal told in Chinese: each scenario as a dated table, and what did not hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from activities.wording import label
from starter.layout import Listing
from starter.rehearsal.answering import jsonable
from starter.rehearsal.conductor import ScenarioReport, StepReport
from starter.rehearsal.scenario import Scenario, Step
from starter.tables import listing, moment, show

ROLES = {
    "applicant": "申报人",
    "unit": "单位",
    "office": "评委会办公室",
    "office_supervisor": "评委会办公室主管",
    "city_office": "职改办",
    "operations": "运维人员",
    "anyone": "社会公众",
    "forwarder": "呈报单位",
    "holder": "当前办理方",
    "meeting": "评审会",
    "office[1]": "评委会办公室第二人",
    "city_office[1]": "职改办第二人",
}
OPERATIONS = {
    "amend_calendar": "更改工作日历",
    "amend_campaign": "更改通知规则",
    "grant": "授予管理权",
    "revoke_grant": "收回管理权",
    "enter_bar": "登记影响期",
    "lift_bar": "解除影响期",
    "outside_application": "登记其他渠道申报",
    "record_integrity": "记入诚信档案",
    "import_committee": "导入评委会",
    "retire_expert": "专家退出专家库",
    "import_payments": "导入银行收款",
}


def told(reports: Sequence[ScenarioReport]) -> None:
    """Print every story, then the count."""
    for report in reports:
        show(story(report))
        for problem in report.all_problems:
            show(f"  ✗ {problem}")
        show("")
    bad = [report for report in reports if not report.good]
    seconds = sum(report.seconds for report in reports)
    show(
        f"共 {len(reports)} 个演练，{len(reports) - len(bad)} 个全部符合预期，合计用时 {seconds:.0f} 秒。"
    )
    for report in bad:
        show(
            f"✗ {report.scenario.file or report.scenario.title}：{len(report.all_problems)} 处不符"
        )


def story(report: ScenarioReport) -> Listing:
    """One scenario as a dated table."""
    mark = "✓" if report.good else "✗"
    heads = ("时间", "谁", "办什么", "答复", "之后")
    return listing(f"{mark} {report.scenario.title}", heads, map(_row, report.steps))


def steps_told(scenarios: Sequence[Scenario]) -> None:
    """Print the steps of stories that are not played, those that `until` stands for among them."""
    for scenario in scenarios:
        heads = ("步", "时间", "谁", "办什么", "写明")
        rows = (
            (str(number), moment(step.at), _who(step), _what(step), _stated(step))
            for number, step in scenario.steps
        )
        show(listing(f"{scenario.title}（{scenario.file}）", heads, rows))


def steps_as_json(scenarios: Sequence[Scenario]) -> list[dict[str, Any]]:
    """The same for a program."""
    return [
        {
            "file": scenario.file,
            "title": scenario.title,
            "steps": [
                {**_said(number, step), "with": jsonable(step.payload)}
                for number, step in scenario.steps
            ],
        }
        for scenario in scenarios
    ]


def as_json(reports: Sequence[ScenarioReport]) -> dict[str, Any]:
    """The same for a program."""
    return {
        "good": all(report.good for report in reports),
        "scenarios": [
            {
                "file": report.scenario.file,
                "title": report.scenario.title,
                "realm": report.realm,
                "good": report.good,
                "seconds": round(report.seconds, 2),
                "applications": report.applications,
                "meetings": report.meetings,
                "problems": report.all_problems,
                "steps": [_step_json(step) for step in report.steps],
            }
            for report in reports
        ],
    }


def _stated(step: Step) -> str:
    return json.dumps(jsonable(step.payload), ensure_ascii=False) if step.payload else ""


def _row(report: StepReport) -> tuple[str, ...]:
    step = report.step
    answer = "、".join(item.code for item in report.answer.refusals)
    done = "重复请求" if report.answer.repeated else "已办"
    said = f"拒绝：{answer}" if answer else done if step.do or step.operate else ""
    after = report.stage and _standing(step, report.stage)
    mark = " ✗" if report.problems else ""
    return (moment(step.at), _who(step), _what(step), said, f"{after}{mark}")


def _who(step: Step) -> str:
    alias = step.meeting or step.on
    on = f"（{alias}）" if alias else ""
    word = step.by or ("申报人" if step.do == "submit" else "")
    return ROLES.get(word, word) + on


def _standing(step: Step, name: str) -> str:
    if step.meeting:
        return str(label("phases", name))
    return str(label("ends", name, label("stages", name)))


def _what(step: Step) -> str:
    if step.say:
        return step.say
    if step.operate:
        return OPERATIONS.get(step.operate, step.operate)
    return str(label("acts", step.do)) if step.do else "查看"


def _step_json(report: StepReport) -> dict[str, Any]:
    return {
        **_said(report.number, report.step),
        "refused": [item.code for item in report.answer.refusals],
        "after": report.stage,
        "warnings": list(report.answer.warnings),
        "problems": report.problems,
    }


def _said(number: int, step: Step) -> dict[str, Any]:
    return {
        "number": number,
        "at": step.at,
        "on": step.on,
        "meeting": step.meeting,
        "do": step.do or step.operate,
        "by": step.by,
    }
