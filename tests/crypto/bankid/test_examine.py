"""A BankID signature proves who signed, when and what, to anybody who has the pinned root."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from app.crypto.bankid.chain import Trust, UntrustedRoot, read_roots, trust_in
from app.crypto.bankid.document import BadDocument, read_document
from app.crypto.bankid.examine import Examined, examine
from tests.crypto.bankid.issuing import ANNA, SIGNED, Bank, Cert, Said, b64, genuine, key, subject

BANK = Bank()
TRUST = trust_in([BANK.root_certificate()], test=True)
GENUINE = Path(__file__).resolve().parents[4] / "shared" / "data" / "bankid"
IN_2018 = datetime(2018, 12, 10, tzinfo=UTC)


def proven(found: Examined) -> tuple[bool | None, ...]:
    """What the signature itself shows."""
    return found.readable, found.digests, found.signature, found.chain, found.key_usage, found.policy


def test_a_genuine_signature_shows_who_signed_what_and_when() -> None:
    found = examine(genuine(BANK, Said("Jag ger fullmakt: åäö", "objmandate:1:x")), TRUST, SIGNED)
    assert proven(found) == (True,) * 6
    assert (found.signer, found.stated, found.signer_name) == (ANNA, ANNA, "Anna Test")
    assert (found.visible.decode(), found.hidden, found.act) == (
        "Jag ger fullmakt: åäö",
        b"objmandate:1:x",
        "Signing",
    )
    revocation = found.revocation
    assert revocation is not None
    assert (revocation.signed, revocation.good, revocation.bound) == (True, True, True)
    assert abs((revocation.at - datetime.now(UTC)).total_seconds()) < 60


def test_nothing_of_a_signature_can_be_printed() -> None:
    found = examine(genuine(BANK), TRUST, SIGNED)
    assert ANNA not in repr(found)
    assert "Anna" not in repr(found)


def test_another_deployment_that_has_not_pinned_this_root_does_not_believe_it() -> None:
    other = Cert(subject("Test Root"), key("forged root"), authority=True, usage=BANK.root.usage)
    stranger = trust_in([Bank(root=other).root_certificate()], test=True)
    assert examine(genuine(BANK), stranger, SIGNED).chain is False


def test_a_signature_of_the_test_environment_is_worth_nothing_in_earnest() -> None:
    named = Bank(root=Cert(subject("Bank Root"), key("root"), authority=True, usage=BANK.root.usage))
    earnest = trust_in([named.root_certificate()], test=False)
    assert examine(genuine(named), earnest, SIGNED).policy is False


def test_a_test_root_stops_the_start_of_a_deployment_that_is_no_test() -> None:
    with pytest.raises(UntrustedRoot, match="test environment"):
        trust_in([BANK.root_certificate()], test=False)


def test_only_a_self_signed_root_is_pinned() -> None:
    for certificate in BANK.chain():
        with pytest.raises(UntrustedRoot, match="no self-signed root"):
            trust_in([certificate], test=True)
    with pytest.raises(UntrustedRoot):
        read_roots(b"no certificate")


@pytest.mark.parametrize("given", ["", "!", b64("x"), b64(b"\x30\x03\x0a\x01\x06"), 7, None])
def test_what_is_no_ocsp_answer_proves_no_time(given: object) -> None:
    assert examine({**genuine(BANK), "ocspResponse": given}, TRUST, SIGNED).revocation is None


def test_an_error_of_a_document_quotes_nothing_of_it() -> None:
    for text in (b"<a>Anna Test</a>", b"<Anna", b"\xff\xfe", b"<!DOCTYPE Anna>"):
        with pytest.raises(BadDocument) as bad:
            read_document(text)
        assert "Anna" not in str(bad.value)
        assert bad.value.__cause__ is None


@pytest.fixture
def environment() -> Path:
    if not GENUINE.is_dir():
        pytest.skip(
            "the signatures of BankID's own test environment are not there; the tests' own bank covers it"
        )
    return GENUINE


def own(file: Path) -> Examined:
    """A file of BankID's test environment, its highest authority taken for a root."""
    document = read_document(file.read_bytes())
    highest = x509.load_der_x509_certificate(document.certificates[-1])
    return examine({"signature": b64(file.read_bytes())}, Trust((highest,), test=True), IN_2018)


@pytest.mark.parametrize("name", ["signatur_1_Anna_Andersson.xml", "signatur_2_Karl_Karlsson.xml"])
def test_signatures_of_the_test_environment_verify(environment: Path, name: str) -> None:
    found = own(environment / name)
    assert (found.readable, found.digests, found.signature, found.key_usage, found.policy) == (True,) * 5


@pytest.mark.parametrize("name", ["invalid_key_info.xml", "invalid_signature.xml", "invalid_signed_data.xml"])
def test_tampered_signatures_of_the_test_environment_do_not(environment: Path, name: str) -> None:
    found = own(environment / name)
    assert not (found.digests and found.signature)
