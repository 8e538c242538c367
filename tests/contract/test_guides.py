"""The guides for senders, agents and admins stand on the table of codes that the code makes: each leads to
it, names no code that it does not have, and leaves out none that its reader has to act on."""

import re

import pytest

from app.domain.refusals import Refusal
from tests.architecture.repository import ROOT
from tests.contract.codes import DECISIONS, OBLIGATIONS, page

GUIDES = ("senders", "agents", "admins")
CODE = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?::[^`]*)?`")
INTAKE = {
    "MANDATE_SCOPE",
    "MANDATE_EXPIRED",
    "MANDATE_REVOKED",
    "MANDATE_NOT_FOUND",
    "MANDATE_NOT_VERIFIED",
    "SIGNATURE_INVALID",
    "AGENT_SUSPENDED",
    "INVALID_IDENTIFIER",
    "IDENTIFIER_NOT_GRANTOR",
    "EVIDENCE_REQUIRED",
    "AUTH_CONTROLLER",
}
"""The refusals that an agent can meet when it objects."""


def guide(name: str) -> str:
    return (ROOT / "docs" / "guides" / f"{name}.md").read_text()


def named(text: str) -> set[str]:
    return set(CODE.findall(text))


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_leads_to_the_table_of_codes(name: str) -> None:
    assert "](../codes.md)" in guide(name)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_names_no_code_that_there_is_not(name: str) -> None:
    found = {code for code in named(guide(name)) if not code.startswith("SPARR_")}
    assert found
    assert found - named(page()) == set()


def test_a_sender_is_told_what_to_do_on_every_decision_and_obligation() -> None:
    text = guide("senders")
    families = tuple(f"{start}_" for start in re.findall(r"`([A-Z]+)_…`", text))
    single = {"SERVICE", "RESEARCH", "EMERGENCY", "B2B"} & set(re.findall(r"`([0-9A-Z]+)`", text))
    known = named(text) | single
    wanted = {code.partition(":")[0] for code in (*DECISIONS, *OBLIGATIONS)}
    assert {code for code in wanted - known if not code.startswith(families)} == set()


def test_an_agent_is_told_what_every_refusal_of_its_acts_means() -> None:
    assert {refusal.value for refusal in Refusal} >= INTAKE
    assert INTAKE - named(guide("agents")) == set()
