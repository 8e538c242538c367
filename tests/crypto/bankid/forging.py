"""How signatures are forged: what an attacker can get at is changed, one thing at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.crypto.bankid.issuing import (
    CA_USAGE,
    WILL_USAGE,
    Bank,
    Cert,
    Revocation,
    Said,
    b64,
    completion,
    document,
    key,
    key_info,
    signed_info,
    subject,
    usage,
)

Completion = Mapping[str, Any]
KARL = "200002292399"


@dataclass(frozen=True)
class Order:
    """What is to be signed, and the bank that the registry trusts."""

    bank: Bank
    said: Said

    def chain(self, person: Cert | None = None, **others: Any) -> list[x509.Certificate]:
        """A chain of the trusted bank."""
        return self.bank.chain(person, **others)

    def answer(
        self,
        said: Said | None = None,
        chain: list[x509.Certificate] | None = None,
        revocation: Revocation | None = None,
        text: Callable[[str], str] = str,
        **more: Any,
    ) -> dict[str, Any]:
        """An answer that is genuine but for what is given; `text` changes the signed document."""
        chain = chain or self.chain()
        algorithms = more.pop("algorithms", {})
        signer: rsa.RSAPrivateKey | None = more.pop("signer", None)
        made = text(document(chain, said or self.said, signer, **algorithms))
        return completion(made, chain, revocation or self.revocation(), **more)

    def revocation(self, **changes: Any) -> Revocation:
        """An OCSP answer of the trusted bank."""
        return replace(Revocation(self.bank.customer_authority()), **changes)


def without(member: str) -> Callable[[Order], Completion]:
    return lambda order: {name: value for name, value in order.answer().items() if name != member}


def changed(change: Callable[[str], str]) -> Callable[[Order], Completion]:
    """The document changed after signing, everything else made for the changed one."""
    return lambda order: order.answer(text=change)


def said(**changes: Any) -> Callable[[Order], Completion]:
    """Something else was signed, truly."""
    return lambda order: order.answer(replace(order.said, **changes))


def person(**changes: Any) -> Callable[[Order], Completion]:
    return lambda order: order.answer(chain=order.chain(order.bank.person(**changes)))


def authority(**changes: Any) -> Callable[[Order], Completion]:
    def make(order: Order) -> Completion:
        customer = order.bank.customer_authority(**changes)
        return order.answer(chain=order.chain(customer=customer))

    return make


def revocation(**changes: Any) -> Callable[[Order], Completion]:
    return lambda order: order.answer(revocation=order.revocation(**changes))


def other_bank(order: Order) -> Completion:
    """A root of the forger's own, with the very names of the trusted one."""
    own = Cert(order.bank.root.name, key("forged root"), authority=True, usage=CA_USAGE)
    chain = Bank(root=own).chain()
    return order.answer(chain=chain)


def own_root_along(order: Order) -> Completion:
    own = Bank(root=Cert(subject("Own Root"), key("forged root"), authority=True, usage=CA_USAGE))
    return order.answer(chain=[*own.chain(), own.root_certificate()])


def person_as_issuer(order: Order) -> Completion:
    """A person of the bank issues a certificate to somebody."""
    issuer = order.bank.person(KARL)
    issued = Cert(subject("Anna Test", serial="199001012385"), key("person"), usage=WILL_USAGE)
    chain = [issued.by(issuer.name, issuer.key), *order.chain(issuer)]
    return order.answer(chain=chain)


def names_without_signatures(order: Order) -> Completion:
    """The issuer's name stands there, but another key signed."""
    customer = order.bank.customer_authority()
    leaf = order.bank.person().by(customer.name, key("stranger"))
    return order.answer(chain=[leaf, *order.chain()[1:]])


def reordered(order: Order) -> Completion:
    leaf, customer, above = order.chain()
    return order.answer(chain=[leaf, above, customer])


def gap(order: Order) -> Completion:
    leaf, _, above = order.chain()
    return order.answer(chain=[leaf, above])


def alone(order: Order) -> Completion:
    return {**order.answer(), "signature": b64(document(order.chain()[:1], order.said))}


def borrowed_ocsp(order: Order) -> Completion:
    """The OCSP answer of another signature of the same person."""
    return {**order.answer(), "ocspResponse": order.answer()["ocspResponse"]}


def other_certificate(order: Order) -> Completion:
    return order.answer(revocation=order.revocation(about=order.chain(order.bank.person(KARL))[0]))


def login_key(order: Order) -> Completion:
    return order.answer(chain=order.chain(order.bank.person(usage=usage(digital_signature=True))))


def moved_aside(order: Order) -> Completion:
    """Signature wrapping: what was signed is kept elsewhere, other text stands in its place."""
    forged = replace(order.said, visible="Jag ger allt bort.").xml()

    def wrap(text: str) -> str:
        start, end = text.index("<bankIdSignedData"), text.index("</Object>")
        return f"{text[:start]}{forged}</Object><Object>{text[start:]}" if end else text

    return order.answer(text=wrap)


def same_id_twice(order: Order) -> Completion:
    forged = replace(order.said, visible="Jag ger allt bort.").xml()
    return order.answer(text=lambda text: text.replace("<Object>", f"<Object>{forged}"))


def nested_signature(order: Order) -> Completion:
    return order.answer(text=lambda text: f"<Evidence>{text[text.index('<Signature') :]}</Evidence>")


def other_text_below(order: Order) -> Completion:
    extra = f"<usrVisibleData>{b64('annan text')}</usrVisibleData></bankIdSignedData>"
    return order.answer(text=lambda text: text.replace("</bankIdSignedData>", extra))


def redigested(order: Order) -> Completion:
    """Text and digests replaced together; the signature is the old one."""
    forged = replace(order.said, visible="Jag ger allt bort.").xml()

    def swap(text: str) -> str:
        start, end = text.index("<bankIdSignedData"), text.index("</Object>")
        info = signed_info(forged, key_info(chain))
        head = text[: text.index("<SignedInfo")] + info + text[text.index("<SignatureValue") : start]
        return head + forged + text[end:]

    chain = order.chain()
    return order.answer(chain=chain, text=swap)


def swapped_certificate(order: Order) -> Completion:
    """The person's certificate replaced by the forger's own, after signing."""
    chain = order.chain()
    other = order.chain(order.bank.person(KARL))
    return completion(
        document(chain, order.said).replace(key_info(chain), key_info(other)), other, order.revocation()
    )


def before(prefix: str) -> Callable[[Order], Completion]:
    return changed(lambda text: text.replace("<Signature ", f"{prefix}<Signature ", 1))


def within(element: str, inserted: str) -> Callable[[Order], Completion]:
    return changed(lambda text: text.replace(f"</{element}>", f"{inserted}</{element}>", 1))


def replaced(old: str, new: str) -> Callable[[Order], Completion]:
    return changed(lambda text: text.replace(old, new))


def of_bits(bits: int) -> Callable[[Order], Completion]:
    def make(order: Order) -> Completion:
        weak = replace(order.bank.person(), key=key(f"weak {bits}", bits))
        return order.answer(chain=order.chain(weak), signer=weak.key)

    return make


def cut(part: slice) -> Callable[[Order], Completion]:
    return changed(lambda text: text[part])


def of_text(text: str) -> Callable[[Order], Completion]:
    return lambda order: {**order.answer(), "signature": text}


def zeroed(order: Order) -> Completion:
    """The signature value replaced by zeroes."""

    def change(text: str) -> str:
        start, end = text.index("<SignatureValue>"), text.index("</SignatureValue>")
        return f"{text[:start]}<SignatureValue>{b64(bytes(256))}{text[end:]}"

    return order.answer(text=change)
