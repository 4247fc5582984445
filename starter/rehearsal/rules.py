"""A notice's rules with the differences of one rehearsal laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from config import campaign_files
from config.campaign_model import Campaign
from config.reading import FileError, explain
from config.submission_files import merged
from workflows.rules.policy import Policy


def is_ours(campaign: str) -> bool:
    """True for a notice whose file is with the product; others may be published in a stack."""
    return (campaign_files.CAMPAIGNS / f"{campaign}.toml").is_file()


@cache
def notice(campaign: str) -> Campaign:
    """A notice as its file has it.

    Raises:
        FileError: there is no such file, or it is not sound.
    """
    return campaign_files.load(campaign_files.CAMPAIGNS / f"{campaign}.toml")


def changed(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """The rules with differences, by the keys of `config/campaigns/*.toml`.

    Raises:
        FileError: the differences do not make sound rules, or a key is none, naming it.
    """
    try:
        return Policy.model_validate(
            merged(policy.model_dump(mode="json"), changes), extra="forbid"
        )
    except ValidationError as err:
        raise FileError(f"changes（{policy.campaign}）", explain(err)) from None
