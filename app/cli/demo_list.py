"""The sample list of the demo: 1,000 recipients, as a sender's export might hold them.

All numbers are of the series that are kept free for fiction (070-174 06 05 to 99, 08-465 004 00 to 99), all
addresses are in example.com. The same number comes back in another spelling, and some rows hold no number.
"""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Final

RECIPIENTS: Final = 1000
ANNA_EMAIL: Final = "anna.test@example.com"

_MOBILE: Final = [f"701740{n:03}" for n in range(605, 700)]
_LANDLINE: Final = [f"846500{n:03}" for n in range(400, 500)]
_NUMBERS: Final = [*_MOBILE, *_LANDLINE]
"""Swedish numbers without their trunk zero."""

ANNA, BERT, CALLED_TOO_OFTEN, TIRED_OF_SMS = _NUMBERS[:4]

_UNREADABLE: Final = ("see notes", "12", "070-174 06 05 / 06", "?", "0o70-174 06 05")
_EVERY_HUNDREDTH: Final = 99
_ANNAS_OTHER_ROWS: Final = range(7, RECIPIENTS, 250)
"""Rows in which her address stands beside a number that is not hers."""

Row = dict[str, str]


def e164(number: str) -> str:
    """One of the numbers in its canonical form."""
    return f"+46{number}"


def national(number: str) -> str:
    """As it is written in Sweden."""
    area, rest = (number[:2], number[2:]) if number.startswith("70") else (number[:1], number[1:])
    return f"0{area}-{rest[:3]} {rest[3:-2]} {rest[-2:]}"


_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    national,
    e164,
    lambda number: f"0046{number}",
    lambda number: f"+46 (0){national(number)[1:]}",
    lambda number: f"0{number}",
)


def sample_csv() -> str:
    """The list as a file: `customer,phone,email`."""
    file = StringIO()
    rows = csv.DictWriter(file, ["customer", "phone", "email"], lineterminator="\n")
    rows.writeheader()
    rows.writerows(_row(n) for n in range(RECIPIENTS))
    return file.getvalue()


def read_csv(text: str) -> list[Row]:
    """The rows of such a file."""
    return list(csv.DictReader(StringIO(text)))


def _row(n: int) -> Row:
    turn, place = divmod(n, len(_NUMBERS))
    phone = _SPELLINGS[turn % len(_SPELLINGS)](_NUMBERS[place])
    if n % 100 == _EVERY_HUNDREDTH:
        phone = _UNREADABLE[n // 100 % len(_UNREADABLE)]
    email = ANNA_EMAIL.title() if n in _ANNAS_OTHER_ROWS else f"k-{n:04}@example.com"
    return {"customer": f"K-{n:04}", "phone": phone, "email": email}
