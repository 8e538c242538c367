"""Which heads are read at all, and how long a body may take."""

import pytest

from app.cli.request_heads import BODY_RATE, FIELDS, HEAD_BYTES, TARGET_BYTES, Limits, fault_of

HOST = (b"host", b"registry.example:8000")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ([HOST], None),
        ([(b"host", b"[::1]:8000")], None),
        ([HOST, (b"content-length", b"0")], None),
        ([HOST, (b"transfer-encoding", b"Chunked")], None),
        ([HOST, (b"accept", b"a"), (b"accept", b"b")], None),
        ([], "BAD_REQUEST"),
        ([HOST, HOST], "BAD_REQUEST"),
        ([(b"host", b"a b")], "BAD_REQUEST"),
        ([(b"host", b"a:999999")], "BAD_REQUEST"),
        ([HOST, (b"content-length", b"5"), (b"content-length", b"5")], "BAD_REQUEST"),
        ([HOST, (b"content-length", b"5_0")], "BAD_REQUEST"),
        ([HOST, (b"content-length", b"5"), (b"transfer-encoding", b"chunked")], "BAD_REQUEST"),
        ([HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")], "BAD_REQUEST"),
        ([HOST, (b"transfer-encoding", b"gzip, chunked")], "BAD_REQUEST"),
        ([HOST, (b"authorization", b"a"), (b"authorization", b"a")], "BAD_REQUEST"),
        ([HOST, *[(b"x", b"1")] * (FIELDS - 1)], None),
        ([HOST, *[(b"x", b"1")] * FIELDS], "HEADERS_TOO_LARGE"),
        ([HOST, (b"x", b"1" * HEAD_BYTES)], "HEADERS_TOO_LARGE"),
    ],
)
def test_a_head_is_read_only_if_it_can_be_read_in_one_way(
    fields: list[tuple[bytes, bytes]], fault: str | None
) -> None:
    assert fault_of(b"/livez", fields, "1.1") == fault


def test_chunks_belong_to_one_version_of_http() -> None:
    assert fault_of(b"/livez", [HOST, (b"transfer-encoding", b"chunked")], "1.0") == "BAD_REQUEST"


def test_a_target_has_its_own_limit() -> None:
    assert fault_of(b"/" * TARGET_BYTES, [HOST], "1.1") is None
    assert fault_of(b"/" * (TARGET_BYTES + 1), [HOST], "1.1") == "URI_TOO_LONG"


def test_a_body_gets_a_second_for_each_part_that_has_come() -> None:
    limits = Limits(body_seconds=30)
    assert [limits.seconds_for(BODY_RATE * n) for n in (0, 1, 1024)] == [30, 31, 1054]
