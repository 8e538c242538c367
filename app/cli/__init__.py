"""The commands. Each is a thin translation from a command line to a use case or to a request over HTTP.

A start imports the module of the command that it was asked for and no other: `up` answers sooner for it.
"""

import gc
import importlib
import sys
from collections.abc import Sequence

import typer

from app.domain.refusals import OperatorError, UnavailableError

COMMANDS = {
    "up": "app.cli.running",
    "serve": "app.cli.running",
    "migrate": "app.cli.running",
    "check": "app.cli.checking",
    "openapi": "app.cli.checking",
    "backup": "app.cli.backups",
    "restore": "app.cli.backups",
    "verify": "app.cli.backups",
    "demo": "app.cli.demo",
    "bench": "app.cli.benching",
    "prove": "app.cli.proving",
    "wash": "app.cli.washing",
    "work": "app.cli.working",
    "sbom": "app.cli.supplying",
}
GROUPS = {
    "party": ("app.cli.parties", "parties", "Register controllers, agents, processors and sources."),
    "credential": ("app.cli.parties", "credentials", "Issue credentials."),
    "mandate": ("app.cli.mandates", "mandates", "Sign mandates."),
    "register": ("app.cli.registers", "registers", "Import the lists of national registers."),
    "keys": ("app.cli.keys", "keys", "Exchange keys."),
    "journal": ("app.cli.journal", "journal", "Export and verify the journal."),
    "receipt": (
        "app.cli.receipts",
        "receipts",
        "Verify receipts and open single rows, also offline.",
    ),
}

REFUSED = 1


def program(wanted: str | None = None) -> typer.Typer:
    """The program with the one command that is wanted, or with all of them."""
    made = typer.Typer(
        name="sparr",
        help="A registry of objections to direct marketing.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    made.callback()(_program)
    gc.disable()  # Nothing that an import makes is garbage, and looking for some takes a tenth of its time.
    try:
        one = {wanted} if wanted in COMMANDS or wanted in GROUPS else {*COMMANDS, *GROUPS}
        for name, module in COMMANDS.items():
            if name in one:
                made.command(name)(getattr(importlib.import_module(module), name))
        for name, (module, group, text) in GROUPS.items():
            if name in one:
                made.add_typer(getattr(importlib.import_module(module), group), name=name, help=text)
    finally:
        gc.enable()
    return made


def _program() -> None:
    """A registry of objections to direct marketing."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what an operator can mend is told in one line, without a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        program(given[0] if given else None)(given, prog_name="sparr")
    except UnavailableError as unavailable:
        refuse(f"the database cannot be reached ({unavailable})")
    except (OSError, OperatorError) as refused:
        refuse(str(refused))


def refuse(text: str) -> None:
    """One line, and exit status 1."""
    sys.stderr.write(f"sparr: {text}\n")
    raise SystemExit(REFUSED) from None
