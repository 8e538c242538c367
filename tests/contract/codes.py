"""docs/codes.md, made from the tables of the code: every word that the API takes or answers."""

from collections.abc import Iterable, Mapping

from app.api.problems import PROBLEMS
from app.api.validation import _DETAILS
from app.domain.anomalies import ANOMALY_TEXTS, SUSPENSION_LEAVES, SUSPENSION_STOPS
from app.domain.audited_decision import DOUBT_TEXTS
from app.domain.bankid_checks import BANKID_CHECKS
from app.domain.change import Change
from app.domain.channels import CHANNELS
from app.domain.deadlines import OPEN_TEXTS
from app.domain.document_evidence import DOCUMENT_CODES
from app.domain.eid_checks import EID_CHECKS
from app.domain.entry import EntryKind, EntryState
from app.domain.facts import BASES, LEVELS, POLITICAL_POLICIES, SOURCE_KINDS
from app.domain.identifier import REASONS, WARNINGS
from app.domain.identifiers import HASHED_TYPES, IDENTIFIER_TYPES
from app.domain.mandate import CHECKS, EVIDENCE_KINDS, MandateState, Outcome, RevokedBy
from app.domain.mandate_doubt import Finding
from app.domain.objection import ObjectionState, Origin
from app.domain.parties import Role
from app.domain.purposes import BLOCK_PURPOSES, OBJECTION_PURPOSES, PURPOSES
from app.domain.register_list import LINE_REASONS
from app.domain.registers import REGISTERS
from app.domain.rights import EXCLUDED_RIGHTS, OBJECTION_KINDS, RIGHTS
from app.domain.rules_countries import PRODUCTS
from app.usecases.end_mandate import ClosedBy

DECISIONS = {
    "INPUT_INVALID": ("R02", "block", "The recipient, channel or purpose cannot be read."),
    "DEGRADED_ALLOW": ("R03", "allow", "The facts cannot be read now, and this answer needs none of them."),
    "EMERGENCY": ("R04", "allow", "A vital interest is at stake."),
    "LEGAL_NOTICE": ("R05", "allow", "A notice that the law requires, and nothing else."),
    "RIGHTS_REPLY": ("R06", "allow", "The one answer to the person's own request."),
    "MIXED_CONTENT": ("R07", "reason", "The message promotes something, so it is marketing."),
    "SOURCE_BLOCKED": ("R08", "block", "The person has blocked the source of the list."),
    "SOURCE_UNKNOWN": ("R09", "block", "The list is not the sender's own, and nobody says whose it is."),
    "SECTOR_EXCLUDED": ("R10", "block", "The person has shut itself off from gambling."),
    "OBJ_CONTESTED": ("R11", "block", "An objection whose mandate is in doubt."),
    "OBJ_PROVISIONAL": ("R11", "block", "An objection below the level that the controller demands."),
    "OBJ_DM": ("R12", "block", "An objection to direct marketing is in force."),
    "OBJ_DM_CONSENT_INSUFFICIENT": (
        "R13",
        "block",
        "An objection is in force; no consent on record lifts it.",
    ),
    "CONSENT_OVERRIDES": ("R14, R17, R18", "reason", "The person consented later, for this very thing."),
    "OBJ_SCOPE": ("R15", "block", "An objection names this purpose."),
    "OBJ_GENERAL": ("R15", "block", "A general objection is open, or was upheld."),
    "SERVICE_UNSUB": ("R16", "block", "The person has left this service."),
    "CHANNEL_OPTOUT": ("R17", "block", "The person has left this channel at this controller."),
    "DNC_INTERNAL": ("R18", "block", "The identifier is on the controller's do-not-call list."),
    "CONSENT_WITHDRAWN": ("R19", "block", "The person withdrew the consent and gave no new one."),
    "POLITICAL_BASIS": ("R20", "allow", "A political message to a member, or with consent."),
    "POLITICAL_NO_BASIS": ("R20, R21", "block", "A political message without a recorded basis."),
    "POLITICAL_INFO": ("R20, R21", "allow", "A political message that needs no consent."),
    "SOCIETAL_INFO": ("R22", "allow", "Information from a public body."),
    "SERVICE": ("R23", "allow", "What a contract or membership needs."),
    "RESEARCH": ("R24", "allow", "Research without promotion."),
    "QUIET_TIME": ("R25", "block", "Nobody in Norway is called at this hour or on this day."),
    "DK_CALL_BAN": ("R26", "block", "A consumer in Denmark is not called unasked."),
    "CONSENT_VALID": ("R27", "allow", "A consent on record covers it."),
    "B2B": ("R28", "allow", "The office of a company, not a person."),
    "SOFT_OPT_IN": ("R29", "allow", "The seller's own similar goods, to its own customer."),
    "NO_CONSENT": ("R30", "block", "The controller records consents, and none on record covers it."),
    "REG_CONSENT": ("R31", "allow", "A consent covers it; no national register need be asked."),
    "REG_STALE": ("R32", "block", "A consulted national register has no list that is fresh enough."),
    "REG_CUSTOMER": ("R33", "allow", "In the register, and a customer of the same kind of goods."),
    "REG_HIT:<code>": ("R34", "block", "A national register has the recipient."),
    "NO_OBJECTION_FOUND": ("R35", "allow", "Nothing above; every fact was read."),
}
OBLIGATIONS = {
    "INCLUDE_OPT_OUT": ("R27, R28, R29", "The message must offer a free and simple way to say no."),
    "SENDER_ID": ("R27, R29", "The message must say who sends it."),
    "CHECK_REGISTER:<code>": (
        "R33, R35",
        "The law would have this register asked; the policy does not name it.",
    ),
    "CHECK_COUNTRY": (
        "R31, R33, R35",
        "Nothing tells the recipient's country: make sure that the law there lets it be called.",
    ),
}
RECEIPTS = {
    "VALID": "The signature holds, and what it states is still current.",
    "STALE": "The signature holds; the answer had expired at that moment.",
    "BAD_SIGNATURE": "It is not what this registry signed.",
    "UNKNOWN_KEY": "It was signed with a key that is not in the key set.",
    "BAD_ROW": "The signature holds; the opened row beside it is not in the receipt's tree.",
}
TOKEN_ERRORS = ("invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope")

HEAD = """# Every code

Made from the tables of the code by `./sparr test tests/contract --write`; a test compares. Codes are
permanent: one never changes its meaning, and a retired one stays listed. A program gets the tables that it
needs from `GET /.well-known/objection-registry`, and the problems from `GET /problems.json`.
"""


def page() -> str:
    """The whole file."""
    parts = [*_decisions(), *_problems(), *_identifiers(), *_scopes(), *_states(), *_policies()]
    return "\n".join([HEAD, *parts]).rstrip() + "\n"


def _table(title: str, heads: str, rows: Iterable[Iterable[str]], intro: str = "") -> str:
    names = heads.split(" | ")
    lines = [f"## {title}", ""] + ([intro, ""] if intro else [])
    lines += [f"| {heads} |", "|---" * len(names) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _codes(*words: str) -> str:
    return " ".join(f"`{word}`" for word in words)


def _decisions() -> list[str]:
    intro = "`code` and `reasons` of a lookup, in the order of the [rules](rules.md)."
    rows = [(f"`{code}`", answer, rule, text) for code, (rule, answer, text) in DECISIONS.items()]
    duties = [(f"`{code}`", rule, text) for code, (rule, text) in OBLIGATIONS.items()]
    receipts = [(f"`{code}`", text) for code, text in RECEIPTS.items()]
    doubts = [(f"`{doubt.value}`", text) for doubt, text in DOUBT_TEXTS.items()]
    odd = [(f"`{code.value}`", text) for code, text in ANOMALY_TEXTS.items()]
    suspended = [(f"`{code}`", "stops", text) for code, text in SUSPENSION_STOPS.items()]
    suspended += [(f"`{code}`", "leaves", text) for code, text in SUSPENSION_LEAVES.items()]
    waiting = [(f"`{kind.value}`", text) for kind, text in OPEN_TEXTS.items()]
    return [
        _table("Decisions", "code | answer | rule | meaning", rows, intro),
        _table("Obligations", "code | rule | meaning", duties, "`obligations` of a lookup."),
        _table("Receipts", "code | meaning", receipts, "What verifying a receipt answers."),
        _table("Doubts", "code | meaning", doubts, "`doubts` of an audited decision: why it is not certain."),
        _table("What is open", "kind | meaning", waiting, "`kind` in the list of deadlines."),
        _table(
            "Anomalies", "code | meaning", odd, "What stands out in what an agent sends, and proves nothing."
        ),
        _table("Suspension of an agent", "code | | meaning", suspended, "What it stops, and what it leaves."),
    ]


def _problems() -> list[str]:
    rows = [(f"`{one.code}`", str(one.status), one.title) for one in PROBLEMS.values()]
    fields = [(f"`{kind.upper()}`", text) for kind, text in _DETAILS.items()]
    tokens = f"The token endpoint answers {_codes(*TOKEN_ERRORS)} instead (RFC 6749 section 5.2)."
    return [
        _table("Problems", "code | status | title", rows, f"`code` of a problem document. {tokens}"),
        _table("Wrong fields", "code | detail", fields, "`errors[].code` of the problem `VALIDATION`."),
    ]


def _identifiers() -> list[str]:
    types = [
        (f"`{code}`", one.label, "yes" if code in HASHED_TYPES else "no")
        for code, one in sorted(IDENTIFIER_TYPES.items())
    ]
    lines = {code: text for code, text in LINE_REASONS.items() if code not in REASONS}
    return [
        _table("Types of identifiers", "type | what it is | SHA-256 accepted", types),
        _table("Why an identifier cannot be read", "reason | meaning", _listed(REASONS)),
        _table("Why else a line of an imported list cannot be read", "reason | meaning", _listed(lines)),
        _table("Warnings about an identifier that was read", "warning | meaning", _listed(WARNINGS)),
    ]


def _listed(table: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(f"`{code}`", text) for code, text in table.items()]


def _scopes() -> list[str]:
    channels = [
        (f"`{one.code}`", one.kind.value, f"`{one.bare}`" if one.bare else "none")
        for one in CHANNELS.values()
    ]
    purposes = [(f"`{p.code}`", "yes" if p.direct_marketing else "no") for p in PURPOSES.values()]
    said = [
        ("purposes that an objection may name", _codes(*OBJECTION_PURPOSES)),
        ("purposes that a source block may name", _codes(*BLOCK_PURPOSES)),
        ("kinds of objection", _codes(*OBJECTION_KINDS)),
        ("rights that a mandate can give", _codes(*RIGHTS)),
        ("rights that no mandate can give", _codes(*EXCLUDED_RIGHTS)),
        ("kinds of source", _codes(*SOURCE_KINDS)),
        ("products of an offer", _codes(*PRODUCTS)),
        ("roles", _codes(*(role.value for role in Role))),
    ]
    classes = "Classes: E electronic message, T live call, P addressed post, X use without a message."
    return [
        _table("Channels", "channel | class | bare string read as", channels, classes),
        _table("Purposes of a dispatch", "purpose | direct marketing", purposes),
        _table("Other words", "what | words", said),
    ]


def _states() -> list[str]:
    said = [
        ("objection: `state`", _codes(*ObjectionState)),
        ("objection: `origin`", _codes(*Origin)),
        ("mandate: `state`", _codes(*MandateState)),
        ("mandate: `level`", _codes(*LEVELS)),
        ("mandate: evidence", _codes(*EVIDENCE_KINDS)),
        ("mandate: checks", _codes(*(check.code for check in CHECKS))),
        ("mandate: checks of BankID", _codes(*(check.code for check in BANKID_CHECKS))),
        ("mandate: checks of other eIDs", _codes(*(check.code for check in EID_CHECKS))),
        ("mandate: checks of a document", _codes(*DOCUMENT_CODES)),
        ("mandate: contested, `finding`", _codes(*Finding)),
        ("mandate: closed, `cause`", _codes(*ClosedBy)),
        ("mandate: outcome of a check", _codes(*Outcome)),
        ("mandate: revoked `by`", _codes(*RevokedBy)),
        ("change: `change`", _codes(*Change)),
        ("entry: `state`", _codes(*EntryState)),
        ("entry: `kind`", _codes(*(k.name.lower() for k in EntryKind if k is not EntryKind.CANARY))),
    ]
    return [_table("States and kinds", "what | words", said)]


def _policies() -> list[str]:
    said = [("`basis`", _codes(*BASES)), ("`political`", _codes(*POLITICAL_POLICIES))]
    registers = [
        (f"`{one.code}`", one.country, one.name, _codes(*sorted(one.channels)), _codes(*sorted(one.purposes)))
        for one in REGISTERS.values()
    ]
    return [
        _table("Policies of a controller", "field | words", said),
        _table("National registers", "code | country | name | channels | purposes", registers),
    ]
