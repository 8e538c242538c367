"""The catalogues say the same things in every language, and everything that a page can ask for."""

import re
from collections.abc import Iterable
from string import Formatter

import pytest

from app.console.identifying import ADDRESS, TYPES
from app.console.pages.agents import FIGURES, IMPACT
from app.console.pages.exports import EXPORTS
from app.console.rendering import environment
from app.console.words import LANGUAGES, catalogue, language_of, word
from app.domain.anomalies import SUSPENSION_LEAVES, SUSPENSION_STOPS, Anomaly
from app.domain.audited_decision import Doubt, Said
from app.domain.bankid_checks import BANKID_CHECKS
from app.domain.channels import CHANNELS
from app.domain.deadlines import Open
from app.domain.document_evidence import DOCUMENT_CODES
from app.domain.eid_checks import EID_CHECKS
from app.domain.entry import EntryKind, EntryState
from app.domain.facts import BASES, LEVELS, POLITICAL_POLICIES
from app.domain.identifiers import IDENTIFIER_TYPES
from app.domain.mandate import CHECKS, EVIDENCE_KINDS, MandateState, Outcome, RevokedBy
from app.domain.novelty import Cause
from app.domain.objection import ObjectionState, Origin
from app.domain.parties import Role
from app.domain.purposes import DIRECT_MARKETING, PURPOSES
from app.domain.rights import OBJECTION_KINDS, RIGHTS
from app.usecases.end_mandate import ClosedBy
from tests.contract.codes import DECISIONS, OBLIGATIONS

ASKED = re.compile(r'\bt\("([a-z_]+\.[A-Za-z0-9_]+)"[,)]')

ALL_CHECKS = [
    *(check.code for check in CHECKS),
    *(check.code for check in BANKID_CHECKS),
    *(check.code for check in EID_CHECKS),
    *DOCUMENT_CODES,
]
CODES: dict[str, Iterable[str]] = {
    "check": ALL_CHECKS,
    "check_failed": ALL_CHECKS,
    "decision": [code.partition(":")[0] for code in DECISIONS],
    "obligation": [code.partition(":")[0] for code in OBLIGATIONS],
    "by": list(RevokedBy),
    "address": ADDRESS,
    "export": [name for names in EXPORTS.values() for name in names],
    "impact": IMPACT,
    "state": [*MandateState, *ObjectionState, *EntryState, "fresh", "stale", "missing", "ended"],
    "outcome": list(Outcome),
    "level": LEVELS,
    "evidence": EVIDENCE_KINDS,
    "kind": OBJECTION_KINDS,
    "right": RIGHTS,
    "role": list(Role),
    "origin": list(Origin),
    "channel": list(CHANNELS),
    "type": list(IDENTIFIER_TYPES),
    "entry": [kind.name for kind in EntryKind if kind is not EntryKind.CANARY],
    "basis": BASES,
    "political": POLITICAL_POLICIES,
    "anomaly": list(Anomaly),
    "anomaly_name": list(Anomaly),
    "figure": FIGURES,
    "cause": [*Cause, *ClosedBy],
    "said": list(Said),
    "doubt": list(Doubt),
    "purpose": [*PURPOSES, DIRECT_MARKETING],
    "open": list(Open),
    "duration": ["seconds", "minutes", "hours", "days"],
    "stops": list(SUSPENSION_STOPS),
    "leaves": list(SUSPENSION_LEAVES),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_that_another_says(language: str) -> None:
    assert catalogue(language).keys() == catalogue("en").keys()
    assert [key for key, text in catalogue(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_same_places_to_fill_in(language: str) -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    theirs, english = catalogue(language), catalogue("en")
    assert [key for key in english if places(theirs[key]) != places(english[key])] == []


def test_every_word_that_a_template_asks_for_is_there() -> None:
    loader = environment().loader
    assert loader is not None
    names = environment().list_templates()
    asked = {key for name in names for key in ASKED.findall(loader.get_source(environment(), name)[0])}
    assert asked - catalogue("en").keys() == set()
    assert len(asked) > 100


def test_every_permanent_code_has_words() -> None:
    unsaid = [
        f"{group}.{code}"
        for group, codes in CODES.items()
        for code in codes
        if f"{group}.{code}" not in catalogue("en")
    ]
    assert unsaid == []


def test_a_form_takes_every_type_of_identifier_that_there_is() -> None:
    assert set(TYPES) == set(IDENTIFIER_TYPES)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        (None, "no", "nb"),
        (None, "fi;q=1, da;q=0.4, nb;q=0.6", "nb"),
        (None, "sv;q=x", "en"),
        ("da", "sv", "da"),
        ("xx", "sv", "sv"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_one_preferred(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert language_of(chosen, accepted) == language


def test_a_word_that_is_missing_is_an_error_and_not_shown_as_its_key() -> None:
    with pytest.raises(KeyError):
        word("sv", "nothing.of_the_kind")
