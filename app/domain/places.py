"""In which country a recipient is, and whether an address is that of an office and not of a person: tables,
as far as a rule looks at them. What they do not tell nobody guesses."""

import re
from dataclasses import dataclass

ELSEWHERE = "ZZ"
"""Some country of which no rule speaks (a code that ISO 3166 leaves to its users)."""

CALLING_CODES = {"+45": "DK", "+46": "SE", "+47": "NO"}
"""ITU-T E.164. Svalbard shares Norway's code and hours; Greenland and the Faroes have codes of their own."""

MAIL_DOMAINS = {"dk": "DK", "se": "SE", "no": "NO"}
PLACELESS_DOMAINS = frozenset({"nu", "eu"})
"""Two letters that are no country's in use. A longer name, such as com, tells no country either."""

_ROLES = """
info information kontakt contact firmapost postmottak post mail epost hello hej hei kontor kontoret office
reception receptionen resepsjon resepsjonen support kundservice kundtjanst kundeservice kundesenter
kundecenter service helpdesk sales salj salg forsaljning butik butikk shop order orders ordre bestilling
faktura fakturor invoice invoices ekonomi okonomi regnskap bokforing bogholderi admin administration
marketing marknad press presse media hr jobb job jobs
"""
ROLES = frozenset(_ROLES.split())
"""The local parts that name an office: exactly these, and with nothing after a plus."""

_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recipient is: the countries that its identifiers, or else the sender, tell; none if nobody
    does. `office`: its e-mail addresses are all those of a role."""

    countries: frozenset[str] = frozenset()
    office: bool = False


NOWHERE = Place()


def calling_country(number: str) -> str:
    """The country of a number in E.164; ELSEWHERE for all of which no rule speaks."""
    return CALLING_CODES.get(number[:3], ELSEWHERE)


def mail_country(address: str) -> str | None:
    """The country of whose names an address has one; None if it has another kind of name."""
    ending = address.rpartition(".")[2]
    if len(ending) != len("se") or ending in PLACELESS_DOMAINS:
        return None
    return MAIL_DOMAINS.get(ending, ELSEWHERE)


def stated_country(region: object) -> str | None:
    """The country that a sender states, if it reads as one."""
    code = region.strip().upper() if isinstance(region, str) else ""
    return code if _COUNTRY.fullmatch(code) else None


def of_an_office(address: str) -> bool:
    """Whether an e-mail address is that of a role (`info@…`), as far as its name tells."""
    return address.partition("@")[0] in ROLES
