"""Builders of what the rules read, so that a test states only what it is about.

`a_policy` mirrors the two notices where submission is concerned; `facts` and `places` come from the
samples and the directory that people use, so the tests prove those too.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from config.submission_files import sample
from workflows.rules.calendar import Calendar, CalendarYear
from workflows.rules.facts import Facts, Place
from workflows.rules.message import BEIJING
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.routes import OrganisationRef, places_of

BD = "bd-2023"
LC = "lc-2024"

SUBMITTED: dict[str, datetime] = {
    BD: datetime(2023, 10, 12, 10, 0, tzinfo=BEIJING),
    LC: datetime(2024, 10, 15, 10, 0, tzinfo=BEIJING),
}
"""A time inside each campaign's application window."""

LC_KINDS = {
    "work": ["contract|agreement|project_report"],
    "paper": ["cover", "paper_pages", "index_certificate"],
    "patent": ["patent_certificate"],
}


def a_policy(campaign: str) -> Policy:
    """The policy of a campaign as far as submission is concerned; rules of clocks are left out."""
    return Policy.model_validate(_bd() if campaign == BD else _lc())


def a_calendar(*years: int) -> Calendar:
    """A calendar with these years published (default 2023 to 2025), without holidays."""
    published = years or (2023, 2024, 2025)
    return Calendar(
        version="test",
        years={year: CalendarYear(year=year, source="测试") for year in published},
    )


def facts(route: str, campaign: str = BD, /, **differences: Any) -> Facts:
    """The sound sample's facts with nested differences (see `config.submission_files.sample`)."""
    return sample(route, campaign, facts=differences).facts


def organisations() -> dict[str, OrganisationRef]:
    """The organisations of the directory in `config/directory`."""
    return read_directory(DIRECTORY / "chongqing.toml").references()


def places(stated: Facts, policy: Policy) -> tuple[Place, ...]:
    """The route of these facts through that directory; empty where it does not resolve."""
    return places_of(stated, policy, organisations())[0]


CLAUSES = {
    "in_service": "一（一）",
    "excluded_official": "一（五）",
    "excluded_retired": "一（五）",
    "excluded_bar": "一（五）",
    "post_vacancy": "二（三）",
    "employer_mismatch": "四（一）",
    "wrong_route": "四（一）",
    "out_of_scope": "四（一）",
    "not_found": "四（二）1",
}


def _common(campaign: str, year: int, admin: str) -> dict[str, Any]:
    window = {"clause": "三", "starts_on": date(year, 11, 1), "ends_on": date(year, 11, 15)}
    return {
        "campaign": campaign,
        "version": 1,
        "year": year,
        "document": campaign,
        "windows": {"application": window, "review": window, "payment": window},
        "chain_cutoff": {"assumed": Reading.CHAIN_CUTOFF, "ends_on": date(year, 11, 15)},
        "fees": {
            "clause": "六（三）",
            "yuan": {"junior": 120, "mid": 240, "deputy_senior": 420, "senior": 420},
        },
        "rules": {},
        "corrections": {"assumed": Reading.FURTHER_RETURNS},
        "admin_conflict": {"clause": "四（二）1", "scope": admin},
        "residency": {"clause": "四（一）3"},
        "tenure": {
            "clause": "六（二）",
            "cutoff": date(year, 12, 31),
            "required_years": {"deputy_senior": 5, "senior": 5},
            "relaxations": {
                "tibet": {"deputy_senior": 2, "senior": 1},
                "rural": {"deputy_senior": 1, "senior": 1, "mid": 1},
            },
        },
        "verifiers": {"clause": "六（一）", "checks": ()},
        "applicants": {
            "clause": "一（三）",
            "permits": {"foreigner": ["permanent_residence_permit", "talent_residence_permit"]},
        },
        "self_evaluating": {"clause": "四（二）3（2）"},
        "publicity": {"clause": "四（二）3（1）"},
        "payment": {"clause": "三", "channel": "notice"},
        "committee": {
            "assumed": Reading.LEVELS,
            "name": campaign,
            "office": campaign.split("-", maxsplit=1)[0] + "-committee-office",
            "city_office": "city-title-office",
        },
        "limits": {"assumed": Reading.ACT_TIME},
        "clauses": CLAUSES,
    }


def _routes(*, insured_unit_must_match: bool, alternatives: list[list[str]]) -> dict[str, Any]:
    return {
        "city_unit": {"clause": "四（一）1", "chain": ["department"]},
        "district_unit": {"clause": "四（一）2", "chain": ["department", "district_office"]},
        "private_archive_here": {
            "clause": "四（一）3（1）",
            "chain": ["agency", "district_office"],
            "alternatives": alternatives,
        },
        "private_archive_elsewhere": {
            "clause": "四（一）3（2）",
            "chain": ["district_office"],
            "papers": ["archive_search_record"],
            "insured_unit_must_match": insured_unit_must_match,
        },
        "freelancer": {"clause": "四（一）4", "chain": ["district_office"]},
        "resident_branch": {
            "clause": "四（一）5",
            "chain": ["resident_hq"],
            "papers": ["entrustment_letter"],
        },
    }


def _bd() -> dict[str, Any]:
    policy = _common(BD, 2023, "own_route")
    policy["windows"] = policy["windows"] | {
        "application": {
            "clause": "三",
            "starts_on": date(2023, 10, 7),
            "ends_on": date(2023, 10, 31),
        }
    }
    return policy | {
        "annual_limit": {
            "clause": "一（五）",
            "green": "never",
            "exceptions": ["aux_to_main_series", "special_or_normal"],
        },
        "freelancer": {
            "clause": "四（一）4",
            "proofs": ["self_insured", "tax_record", "unrestricted_industry"],
        },
        "achievements": {"clause": "四（二）2"},
        "professions": {"clause": "一（一）"},
        "routes": _routes(insured_unit_must_match=True, alternatives=[]),
    }


def _lc() -> dict[str, Any]:
    policy = _common(LC, 2024, "any_while_held")
    policy["windows"] = policy["windows"] | {
        "application": {
            "clause": "三（一）",
            "starts_on": date(2024, 10, 10),
            "ends_on": date(2024, 10, 29),
        }
    }
    return policy | {
        "annual_limit": {"clause": "四（二）2", "green": "only_if_failed"},
        "freelancer": {"assumed": Reading.RESIDENCY, "proofs": []},
        "achievements": {"clause": "五（三）", "after_current_title": True, "kinds": LC_KINDS},
        "professions": {
            "clause": "五（四）",
            "fields": {"节能工程类": ["节能咨询", "节能设计", "节能管理"]},
        },
        "routes": _routes(insured_unit_must_match=False, alternatives=[["city_agency"]]),
    }
