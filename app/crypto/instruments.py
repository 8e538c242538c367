"""The keyed instruments that acts and lookups work with, made once from the key ring."""

from dataclasses import dataclass

from app.crypto.bankid.chain import Trust
from app.crypto.eid_issuers import NOBODY, Issuers
from app.crypto.fingerprints import Fingerprinter
from app.crypto.keys import KeyRing, SigningKey
from app.crypto.unsubscribe_tokens import UnsubscribeTokens, link_key
from app.crypto.vault import Vault


@dataclass(frozen=True, slots=True)
class Instruments:
    """Fingerprints for matching, the vault for sealing, the key that signs receipts, who signs, what seals
    unsubscribe links, whom BankID signatures are believed, and who is believed about other eIDs."""

    fingerprints: Fingerprinter
    vault: Vault
    receipt_key: SigningKey
    issuer: str
    unsubscribe_tokens: UnsubscribeTokens
    bankid: Trust | None = None
    eid: Issuers = NOBODY


def instruments(
    ring: KeyRing, issuer: str, bankid: Trust | None = None, eid: Issuers = NOBODY
) -> Instruments:
    """The instruments of one deployment; `issuer` is its public URL, as receipts name it."""
    others = [key for key in (ring.coming_master_key, ring.former_master_key) if key is not None]
    return Instruments(
        Fingerprinter(ring.fingerprint_key, ring.fingerprint_version),
        Vault(ring.master_key, *others),
        ring.receipt_key,
        issuer,
        UnsubscribeTokens(ring.master_key, *map(link_key, others), *ring.earlier_link_keys),
        bankid,
        eid,
    )
