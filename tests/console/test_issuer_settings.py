"""What an operator may write about the issuer: half a setting, or a file of no use, stops the start."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.console.issuer_settings import is_trustworthy, read_people
from app.domain.parties import Role
from app.domain.refusals import OperatorError
from app.main import sign_in_issuer
from app.settings import Settings, load_settings

FIRST, SECOND = "01920000-0000-7000-8000-00000000000a", "01920000-0000-7000-8000-00000000000b"


def written(folder: Path, **changes: Any) -> Settings:
    """Settings that fit, but for the changes."""
    people, secret = folder / "people.json", folder / "secret"
    people.write_text(json.dumps({"people": {"1": FIRST}}))
    secret.write_text("secret\n")
    given = {
        "issuer": "https://issuer.example.com",
        "client_id": "sparr",
        "client_secret_file": secret,
        "people": people,
    }
    return load_settings(**{f"console_oidc_{name}": value for name, value in (given | changes).items()})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    found = sign_in_issuer(written(tmp_path))
    assert found is not None
    assert (found.issuer, found.client_id, found.client_secret) == (
        "https://issuer.example.com",
        "sparr",
        "secret",
    )
    assert "secret'" not in repr(found)
    assert FIRST not in repr(found)


def test_without_any_setting_there_is_no_issuer() -> None:
    assert sign_in_issuer(Settings()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": None},
        {"client_id": None},
        {"people": None},
        {"client_secret_file": None},
        {"client_secret": "another"},
        {"issuer": "http://issuer.example.com"},
        {"issuer": "https://issuer.example.com?tenant=1"},
        {"people": Path("/nowhere/people.json")},
        {"client_secret_file": Path("/nowhere/secret")},
        {"client_secret_file": Path("/dev/null")},
    ],
)
def test_half_a_setting_stops_the_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match="SPARR_CONSOLE_OIDC_"):
        sign_in_issuer(written(tmp_path, **changes))


@pytest.mark.parametrize(
    "stated",
    [
        [],
        {},
        {"people": {}},
        {"people": [FIRST]},
        {"people": {"1": "admin"}},
        {"people": {"1": FIRST.upper()}},
        {"people": {"": FIRST}},
        {"people": {"1": FIRST, "2": FIRST}},
        {"people": {"1": FIRST}, "claim": "email"},
        {"people": {"1": FIRST}, "claim": ["sub"]},
        {"people": {"1": FIRST}, "more": 1},
    ],
)
def test_a_file_that_does_not_say_for_certain_who_is_who_is_refused(stated: object) -> None:
    with pytest.raises(ValueError, match=r"people|JSON|claim") as refused:
        read_people(json.dumps(stated).encode())
    assert FIRST not in str(refused.value)


@pytest.mark.parametrize(
    ("claim", "stated", "found"),
    [
        ("sub", "1", FIRST),
        ("sub", ["1"], None),
        ("sub", "3", None),
        ("sub", None, None),
        ("oid", "2", SECOND),
        ("groups", ["0", "2"], SECOND),
        ("groups", ["1", "2"], None),
        ("roles", [{"1": "1"}, 1], None),
        ("roles", "1", FIRST),
    ],
)
def test_a_token_names_one_credential_or_none(claim: str, stated: object, found: str | None) -> None:
    people = read_people(json.dumps({"claim": claim, "people": {"1": FIRST, "2": SECOND}}).encode())
    named = people.credential({claim: stated, "email": "1"})
    assert (named and str(named)) == found
    assert (Role.ADMIN in people.roles) == (claim in {"sub", "oid"})


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://issuer.example.com/realms/1", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000", True),
        ("http://localhost", True),
        ("http://issuer.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("https://issuer.example.com@example.com", False),
        ("https://issuer.example.com/#x", False),
        ("https://issuer.example.com\\@example.com", False),
        ("https://[", False),
        ("https://issuer.example.com:99999", False),
        ("javascript:alert(1)", False),
        ("https:", False),
        ("", False),
        (None, False),
    ],
)
def test_only_an_address_that_nobody_can_listen_to_is_asked(url: object, may: bool) -> None:  # noqa: FBT001 - the table's answer
    assert is_trustworthy(url) is may
