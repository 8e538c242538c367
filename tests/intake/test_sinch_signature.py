"""Sinch's signature, over the example that Sinch itself has published: secret, headers and body."""

import pytest

from app.domain.call_backs import Call
from app.intake.sinch_sms import WAY

SECRET = {"signing_secret": "foo_secret1234"}
SIGNATURE = "x-sinch-webhook-signature"
HEADERS = {
    f"{SIGNATURE}-nonce": "01FJA8B4A7BM43YGWSG9GBV067",
    f"{SIGNATURE}-timestamp": "1634579353",
    SIGNATURE: "6bpJoRmFoXVjfJIVglMoJzYXxnoxRujzR4k2GOXewOE=",
}
BODY = (
    b'{"app_id":"","accepted_time":"2021-10-18T17:49:13.813615Z",'
    b'"project_id":"e2df3a34-a71b-4448-9db5-a8d2baad28e4",'
    b'"contact_create_notification":{"contact":{"id":"01FJA8B466Y0R2GNXD78MD9SM1",'
    b'"channel_identities":[{"channel":"SMS","identity":"48123456789","app_id":""}],'
    b'"display_name":"New Test Contact","email":"new.contact@email.com","external_id":"","metadata":"",'
    b'"language":"EN_US"}},"message_metadata":""}'
)


@pytest.mark.parametrize("algorithm", [{}, {f"{SIGNATURE}-algorithm": "HmacSHA256"}])
def test_the_example_that_sinch_publishes_verifies(algorithm: dict[str, str]) -> None:
    assert WAY.verify(Call("", {**HEADERS, **algorithm}, BODY), SECRET)


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({}, BODY.replace(b"48123456789", b"48123456788"), "foo_secret1234"),
        ({}, BODY + b"\n", "foo_secret1234"),
        ({}, BODY, "foo_secret1235"),
        ({f"{SIGNATURE}-nonce": "01FJA8B4A7BM43YGWSG9GBV068"}, BODY, "foo_secret1234"),
        ({f"{SIGNATURE}-timestamp": "1634579354"}, BODY, "foo_secret1234"),
        ({f"{SIGNATURE}-algorithm": "HmacSHA1"}, BODY, "foo_secret1234"),
        ({SIGNATURE: ""}, BODY, "foo_secret1234"),
    ],
)
def test_nothing_of_it_can_be_altered(headers: dict[str, str], body: bytes, secret: str) -> None:
    assert not WAY.verify(Call("", {**HEADERS, **headers}, body), {"signing_secret": secret})
