"""Submission documents: who applies (identity) and what the rules look at (facts), as one file.

The identity goes to the record and nowhere else; only `facts` ever cross Temporal. A sound sample
of each route lies in `config/samples/`, so that a rehearsal states only what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.reading import FileError, parse, read_table
from workflows.rules.addresses import Email
from workflows.rules.facts import Facts
from workflows.rules.names import Route
from workflows.rules.people import (
    IdNumber,
    PersonName,
    Phone,
    check_digit,
    id_card,
    need_born_before,
)
from workflows.rules.text import Line

SAMPLES = Path(__file__).parent / "samples"
VARIANTS = ("self_evaluating", "entrusted")
"""Samples besides the six routes."""

IMPOSSIBLE_REGION = "990000"
"""No administrative division begins with 99: an ID number of ours cannot be anybody's."""

ABSENT = "absent"
"""As a difference: takes the key away (TOML has no null), `facts.pledged_at = "absent"`."""


class Identity(BaseModel):
    """The person behind an application; stays in Postgres, the ID number encrypted there."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: PersonName = Field(min_length=1, max_length=60)
    id_kind: Literal["id_card", "hk_macao_taiwan_permit", "foreigner_permit"] = "id_card"
    id_number: IdNumber = Field(min_length=1)
    phone: Phone = Field(min_length=1)
    email: Email

    @field_validator("id_number")
    @classmethod
    def _of_its_kind(cls, value: str, info: ValidationInfo) -> str:
        return id_card(value) if info.data.get("id_kind") == "id_card" else value


class ApplicationFile(BaseModel):
    """One submission document."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Line = ""
    """What this file is, for people who read it."""
    identity: Identity
    facts: Facts
    achievement_titles: dict[Line, Line] = {}
    """Achievement id → its title, shown on the 公示表; free text, so never in the facts."""

    @model_validator(mode="after")
    def _titles_belong(self) -> Self:
        ids = [achievement.id for achievement in self.facts.achievements]
        if len(ids) != len(set(ids)):
            raise ValueError("业绩成果（facts.achievements）的 id 有重复")
        need_born_before(self.identity.id_number, *self.facts.grown_up_on())
        if strange := sorted(set(self.achievement_titles) - set(ids)):
            raise ValueError("achievement_titles 中没有对应的业绩成果：" + "、".join(strange))
        return self


def made_up_person(number: int) -> Identity:
    """A person who cannot exist, a different one for each number from 1 to 999.

    The ID number's region is impossible, the address ends in `.test`, the phone in the number.
    """
    digits = f"{IMPOSSIBLE_REGION}19850101{number:03d}"
    return Identity(
        name=f"张示例{number:03d}",
        id_number=digits + check_digit(digits),
        phone=f"023-00009{number:03d}",
        email=f"applicant-{number:03d}@example.test",
    )


def read(path: Path, campaign: str = "") -> ApplicationFile:
    """Read a submission document (TOML or JSON).

    A `[campaign.<id>]` table of the file, as the samples have, is laid over it for that campaign.

    Raises:
        FileError: with a Chinese sentence for each key that is missing, unknown or wrong.
    """
    table = read_table(path)
    lines = partial(table.line_of, over=("campaign", campaign))
    return parse(ApplicationFile, _for_campaign(table, campaign), path, lines)


def from_table(table: Mapping[str, Any], where: str = "申报材料") -> ApplicationFile:
    """The same for a document that is already a table (an API request, a scenario).

    Raises:
        FileError: as `read`.
    """
    return parse(ApplicationFile, table, where)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a submission document; unknown keys are closed off, as `read` does."""
    schema = ApplicationFile.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        if "properties" in part:
            part["additionalProperties"] = False
    return schema


def sample_names() -> tuple[str, ...]:
    """The samples there are: the six routes and the variants."""
    return (*(route.value for route in Route), *VARIANTS)


def knows(name: str, campaign: str) -> bool:
    """True where a sample says what differs in a campaign.

    Raises:
        FileError: no such sample.
    """
    return campaign in read_table(_sample_path(name)).get("campaign", {})


def sample(route: str, campaign: str, /, **differences: Any) -> ApplicationFile:
    """A sound application of a route (or variant) in a campaign, with what differs from it.

    Differences are nested tables: `facts={"residency": {"insured_from": "2022-10-13"}}`. Tables
    are merged, lists replaced, except that a list of tables with ids may be given as a table by id
    (`achievements={"a1": {"evidence": []}}`), and `"absent"` takes a key away. A difference that makes a route 自主评审 or 委托 takes
    that variant's sample, so that its unit fits.

    Raises:
        FileError: no such sample, or a difference that does not fit, naming its key.
    """
    return from_table(sample_table(route, campaign, differences), f"示例 {route}")


def sample_table(route: str, campaign: str, differences: Mapping[str, Any]) -> dict[str, Any]:
    """`sample` as a table, not yet checked: what a scenario file shows and edits.

    Raises:
        FileError: no such sample.
    """
    name = _variant(route, differences)
    base = _for_campaign(read_table(_sample_path(name)), campaign)
    if not knows(name, campaign):  # a pledge is given for one notice
        base = merged(base, {"facts": {"pledge_version": f"{campaign}/1"}})
    table = merged(base, differences)
    if "achievement_titles" not in differences:
        # Whoever replaces achievements need not take away the sample's titles one by one.
        known = _ids(table.get("facts"))
        titles = table.get("achievement_titles", {})
        table["achievement_titles"] = {id_: titles[id_] for id_ in titles if id_ in known}
    return table


def merged(base: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the difference laid over it: tables merge, everything else is replaced."""
    result = dict(base)
    for key, value in difference.items():
        if value == ABSENT:
            result.pop(key, None)
        else:
            result[key] = _laid_over(result.get(key), value)
    return result


def _ids(facts: object) -> set[str]:
    achievements = facts.get("achievements", []) if isinstance(facts, Mapping) else []
    if not isinstance(achievements, list):
        return set()
    return {str(item.get("id")) for item in achievements if isinstance(item, Mapping)}


def _for_campaign(table: Mapping[str, Any], campaign: str) -> dict[str, Any]:
    common = {key: value for key, value in table.items() if key != "campaign"}
    own = table.get("campaign", {})
    special = own.get(campaign, {}) if isinstance(own, Mapping) else {}
    return merged(common, special) if isinstance(special, Mapping) else common


def _laid_over(old: Any, new: Any) -> Any:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return merged(old, new)
    if isinstance(old, list) and isinstance(new, Mapping):
        by_id = {item["id"]: item for item in old if isinstance(item, Mapping) and "id" in item}
        changed = {
            name: merged({"id": name}, part) if isinstance(part, Mapping) else part
            for name, part in new.items()
        }
        return list(merged(by_id, changed).values())
    return new


def _variant(route: str, differences: Mapping[str, Any]) -> str:
    facts = differences.get("facts", {})
    if route not in (Route.CITY_UNIT, Route.RESIDENT_BRANCH) or not isinstance(facts, Mapping):
        return route
    if "employer" in facts:
        return route
    if route == Route.CITY_UNIT and facts.get("self_evaluating"):
        return "self_evaluating"
    return "entrusted" if route == Route.RESIDENT_BRANCH and facts.get("entrusted") else route


def _sample_path(name: str) -> Path:
    if name not in sample_names():
        raise FileError(f"示例 {name}", ["没有这个示例，可用：" + "、".join(sample_names())])
    return SAMPLES / f"{name}.toml"
