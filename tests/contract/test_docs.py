"""What is written for people is true of the program, as far as a program can tell."""

import re
from pathlib import Path

from app.cli import COMMANDS, GROUPS
from app.domain.parties import Role
from app.settings import PREFIX, Settings
from tests.architecture.repository import ROOT, files, place

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
ROLE = re.compile(r"^\| `([a-z_]+)` \|", re.MULTILINE)


def pages() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def anchors(path: Path) -> set[str]:
    """As a reader of Markdown makes them of headings."""
    titles = HEADING.findall(path.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in pages():
        for target in LINK.findall(page.read_text()):
            name, _, anchor = target.partition("#")
            found = (page.parent / name).resolve() if name else page
            if "://" in target:
                continue
            if not found.exists() or (anchor and anchor not in anchors(found)):
                broken.append(f"{place(page)}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, open_pages = set(), [ROOT / "README.md"]
    while open_pages:
        page = open_pages.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [(page.parent / t.partition("#")[0]).resolve() for t in LINK.findall(page.read_text())]
        open_pages += [t for t in targets if t.suffix == ".md"]
        open_pages += [p for t in targets if t.is_dir() for p in t.glob("*.md")]
    assert {place(page) for page in pages()} == {place(page) for page in reached}


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    documented = set(re.findall(rf"^\| `({PREFIX}\w+)`", text, re.MULTILINE))
    assert documented - {"SPARR_VENV"} == known


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in {*COMMANDS, *GROUPS} if f"`./sparr {name}" not in text] == []


def test_the_readme_has_a_row_for_every_role_and_for_no_other() -> None:
    table = (ROOT / "README.md").read_text().partition("\n## Roles\n")[2].partition("\n## ")[0]
    assert ROLE.findall(table) == [role.value for role in Role]


def test_every_decision_record_says_why_what_and_what_enforces_it() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{n + 1:04}" for n in range(len(records))]
    for record in records:
        found = HEADING.findall(record.read_text())
        assert found[1:] == ["Context", "Decision", "What enforces it"], record.name


def test_a_file_that_a_page_names_exists() -> None:
    """`app/…`, `tests/…` and the like in backticks are places in this repository."""
    named = re.compile(r"`((?:app|tests|migrations|openapi|docs|requirements)/[\w./-]+\w)`")
    missing = [
        f"{place(page)}: {name}"
        for page in pages()
        for name in named.findall(page.read_text())
        if not (ROOT / name).exists()
    ]
    assert missing == []
