"""The master key is exchanged in three steps, so that every process knows a key before anything is wrapped
with it, and goes on knowing the former one until nothing is wrapped with that any more."""

from dataclasses import replace
from secrets import token_bytes
from typing import Final

from app.crypto.keys import BadKeyRing, KeyRing
from app.crypto.unsubscribe_tokens import link_key

_BYTES: Final = 32


def announced(ring: KeyRing) -> KeyRing:
    """With a new key that unwraps already and does not wrap yet."""
    if ring.coming_master_key is not None or ring.former_master_key is not None:
        raise BadKeyRing("the master key is being exchanged already")
    return replace(ring, coming_master_key=token_bytes(_BYTES))


def exchanged(ring: KeyRing) -> KeyRing:
    """With the coming key as the one that wraps. Links that were sent stay good: they lie in letter boxes."""
    if ring.coming_master_key is None:
        raise BadKeyRing("no master key is coming")
    return replace(
        ring,
        master_key=ring.coming_master_key,
        coming_master_key=None,
        former_master_key=ring.master_key,
        earlier_link_keys=(*ring.earlier_link_keys, link_key(ring.master_key)),
    )


def settled(ring: KeyRing) -> KeyRing:
    """Without the former key, once nothing is wrapped with it."""
    if ring.former_master_key is None:
        raise BadKeyRing("no former master key is left")
    return replace(ring, former_master_key=None)
