"""Which export of opt-outs a file is, told by its columns, and which of its rows are somebody's wish."""

import pytest

from app.domain.opt_out_files import LAYOUTS, layout_of

COLUMNS = {
    "own": ["identifier", "type", "channel"],
    "mailchimp": ["email address", "unsub_time"],
    "listmonk": ["uuid", "email", "status"],
    "postmark": ["emailaddress", "suppressionreason", "origin"],
    "amazon_ses": ["emailaddress", "reason", "lastupdatetime"],
    "mailgun": ["address", "tags", "created_at"],
    "sendgrid": ["email", "created"],
}


def code_of(columns: list[str]) -> str | None:
    found = layout_of(columns)
    return found.code if found else None


@pytest.mark.parametrize("code", COLUMNS)
def test_an_export_is_recognised_by_its_columns_in_any_order_and_with_others_beside(code: str) -> None:
    columns = COLUMNS[code]
    assert code_of(columns) == code
    assert code_of([*reversed(columns), "something of the sender's own"]) == code


def test_there_is_a_case_for_every_layout() -> None:
    assert [one.code for one in LAYOUTS] == list(COLUMNS)


@pytest.mark.parametrize("code", COLUMNS)
def test_a_file_that_lacks_a_column_is_none_of_that_kind(code: str) -> None:
    for missing in COLUMNS[code]:
        assert code_of([one for one in COLUMNS[code] if one != missing]) != code


@pytest.mark.parametrize(
    "columns",
    [
        [],
        ["name"],
        ["email", "created", "error"],
        ["email", "created", "code"],
        ["email", "created", "bounce"],
        ["email address", "unsub_time", "clean_time"],
        ["email", "created", "status", "reason"],
        ["email", "created", "status", "reason", "name"],
    ],
)
def test_a_list_of_mailboxes_that_are_gone_is_no_list_of_wishes(columns: list[str]) -> None:
    assert layout_of(columns) is None


@pytest.mark.parametrize("column", ["status", "reason"])
def test_a_status_or_a_reason_alone_makes_no_list_of_bounces(column: str) -> None:
    assert code_of(["email", "created", column]) == "sendgrid"


@pytest.mark.parametrize(
    ("code", "row", "wish"),
    [
        ("listmonk", {"status": "unsubscribed"}, True),
        ("listmonk", {"status": "Blocklisted"}, True),
        ("listmonk", {"status": "enabled"}, False),
        ("listmonk", {"status": ""}, False),
        ("listmonk", {}, False),
        ("postmark", {"suppressionreason": "ManualSuppression"}, True),
        ("postmark", {"suppressionreason": "SpamComplaint"}, True),
        ("postmark", {"suppressionreason": "HardBounce"}, False),
        ("amazon_ses", {"reason": "COMPLAINT"}, True),
        ("amazon_ses", {"reason": "BOUNCE"}, False),
        ("mailgun", {}, True),
        ("own", {"type": "phone"}, True),
    ],
)
def test_a_row_is_a_wish_if_its_export_says_so(code: str, row: dict[str, str], *, wish: bool) -> None:
    layout = layout_of(COLUMNS[code])
    assert layout is not None
    assert layout.is_wish(row) is wish
