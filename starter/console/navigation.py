"""The menu: what a person finds, by the hat that is worn. Whether one may is asked by each page."""

from __future__ import annotations

from dataclasses import dataclass

from activities.second_person import WEIGHTY
from starter.console.signed import Signed


@dataclass(frozen=True)
class Item:
    """One entry of the menu.

    Attributes:
        kinds: kinds of organisation under whose hat it stands; empty for every organisation.
        alone: whether it stands for whoever comes for himself or herself, too.
        rehearsing: whether it stands in rehearsals alone.
        roles: roles under which it stands; empty for every role.
    """

    path: str
    title: str
    kinds: frozenset[str] = frozenset()
    alone: bool = False
    rehearsing: bool = False
    roles: frozenset[str] = frozenset()

    def is_for(self, me: Signed) -> bool:
        """Whether it stands in somebody's menu."""
        if self.rehearsing and not me.is_rehearsing:
            return False
        if me.hat is None:
            return self.alone
        of_kind = not self.kinds or me.hat.kind in self.kinds
        return of_kind and (not self.roles or me.hat.role in self.roles)


KEEPERS = frozenset({"committee_office", "city_office", "operations"})
"""Who keeps the registers."""

NAVIGATION: tuple[Item, ...] = (
    Item("/", "首页", alone=True),
    Item("/daiban", "待办", alone=True),
    Item("/anjuan", "案件查询", alone=True),
    Item("/piliang", "批量办理"),
    Item("/pingshenhui", "评审会", frozenset({"committee_office", "city_office", "operations"})),
    Item("/jiaofei", "缴费", frozenset({"committee_office"})),
    Item("/daiqueren", "待确认"),
    Item("/zhanghu", "账户", roles=WEIGHTY),
    Item("/chengxin", "诚信", KEEPERS),
    Item("/zhuanjia", "专家库", KEEPERS),
    Item("/minglu", "名录"),
    Item("/zonglan", "计划总览", KEEPERS),
    Item("/tongzhi", "通知版本", KEEPERS),
    Item("/rili", "日历", KEEPERS),
    Item("/youjian", "邮件", frozenset({"operations"})),
    Item("/jiandui", "舰队", frozenset({"operations"})),
    Item("/shenji", "审计", frozenset({"operations"})),
    Item("/yanlian", "演练时钟", rehearsing=True),
)
