"""Where the next step of a no is taken, in words of the command line: which command to type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starter.desk.refusing import Door, Reason

COMMANDS: Mapping[Door, str] = MappingProxyType(
    {
        Door.CASES: "zhiping cases",
        Door.DIRECTORY: "zhiping directory show {subject}",
        Door.NEW_REHEARSAL: "zhiping submit --realm",
        Door.CLOCK: "zhiping clock advance",
        Door.OWN_TIME: "去掉 --at",
        Door.BULKS: "zhiping bulk list",
        Door.CASE: "zhiping show",
        Door.MEETINGS: "zhiping meeting list --realm 域",
        Door.MEETING: "zhiping meeting show",
        Door.REQUEST_REDRAW: "zhiping meeting request-redraw",
        Door.COMMIT_DRAW: "zhiping meeting commit-draw",
        Door.REVEAL_DRAW: "zhiping meeting reveal-draw",
        Door.REPLACE_EXPERT: "zhiping meeting replace",
        Door.PUBLISH: "zhiping campaign publish",
        Door.COMMITTEE_AND_NOTICE: "zhiping committee import、zhiping campaign publish",
        Door.IMPORT_COMMITTEE: "zhiping committee import",
        Door.LINT_COMMITTEE: "zhiping committee lint",
        Door.POOL: "zhiping committee show",
        Door.IMPORT_DIRECTORY: "zhiping directory import",
        Door.GRANT: "zhiping directory grant",
        Door.PENDING: "zhiping pending list",
        Door.OPERATORS_INBOX: "zhiping inbox operations",
        Door.CERTIFICATE: "zhiping certificate show",
        Door.WAIT: "去掉 --signal",
        Door.STACK: "内置环境用 zhiping stack status 查看",
        Door.ASK_AGAIN: "--request-id {subject}",
    }
)


def next_step(reason: Reason) -> str:
    """What to do next, with the command that does it; empty where nothing can be done."""
    if reason.door is None:
        return reason.next
    command = COMMANDS[reason.door].format(subject=reason.subject).strip()
    return f"{reason.next.rstrip('。')}（{command}）。"
