"""Every code is documented, and every documented code exists."""

import re
from typing import get_args

from app.api.schemas.scopes import ChannelCode
from app.storage.database import Database
from app.storage.readiness import standing
from app.usecases.verify_receipt import Code
from tests.architecture.repository import ROOT
from tests.contract.codes import DECISIONS, RECEIPTS, TOKEN_ERRORS, page

DECIDING = re.compile(
    r'(?:\b(?:block|allow)\(|Match\(Verdict\.\w+, |_own_list\(s, [\w.]+, )f?"([A-Z0-9_]+(?=")|REG_HIT:)'
)
FAMILIES = ("rules", "rules_consents", "rules_countries", "rules_registers", "decision")


def test_the_page_of_codes_is_the_one_that_the_tables_make(*, write: bool) -> None:
    """`./sparr test tests/contract --write` writes it anew."""
    file = ROOT / "docs" / "codes.md"
    if write:
        file.write_text(page())
    assert file.read_text() == page()


def test_every_decision_code_of_the_rules_has_its_row() -> None:
    text = "".join((ROOT / "app" / "domain" / f"{name}.py").read_text() for name in FAMILIES)
    assert set(DECIDING.findall(text)) == {code.removesuffix("<code>") for code in DECISIONS}


def test_every_rule_that_is_built_is_described_with_its_codes() -> None:
    text = (ROOT / "docs" / "rules.md").read_text()
    code = "".join((ROOT / "app" / "domain" / f"{name}.py").read_text() for name in FAMILIES)
    built = re.findall(r"^def r(\d\d)_", code, re.MULTILINE)
    rows = dict(re.findall(r"^\| \*\*R(\d\d)\*\* \|(.*)$", text, re.MULTILINE))
    assert set(built) <= set(rows)
    missing = [
        (rule, code)
        for code, (rules, _, _) in DECISIONS.items()
        for rule in re.findall(r"\d\d", rules)
        if f"`{code}`" not in rows.get(rule, "")
    ]
    assert missing == []


def test_the_words_of_the_schemas_are_those_of_the_page() -> None:
    assert set(RECEIPTS) == set(get_args(Code))
    assert all(f"`{code}`" in page() for code in get_args(ChannelCode))
    assert all(f"`{code}`" in page() for code in TOKEN_ERRORS)


async def test_every_condition_of_a_start_is_explained(database: Database) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    conditions = [code for code, _ in await standing(database)]
    assert len(conditions) > 5
    assert [code for code in conditions if f"`{code}`" not in text] == []
