"""The master key is exchanged in steps, and whoever is a step behind still opens what the others wrap."""

from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from app.crypto.instruments import instruments
from app.crypto.keys import BadKeyRing, KeyRing, load_or_create, replace_ring
from app.crypto.master_keys import announced, exchanged, settled
from app.crypto.vault import Unsealable, Vault

FIRST = KeyRing.generate()
COMING = announced(FIRST)
CHANGED = exchanged(COMING)
DONE = settled(CHANGED)
STEPS = [FIRST, COMING, CHANGED, DONE]


def vault(ring: KeyRing) -> Vault:
    return instruments(ring, "http://registry.test").vault


@pytest.mark.parametrize(("earlier", "later"), [*pairwise(STEPS[:3])])
def test_neighbouring_steps_open_what_the_other_wraps(earlier: KeyRing, later: KeyRing) -> None:
    for wrapping, opening in ((earlier, later), (later, earlier)):
        subject = uuid4()
        key, wrapped = vault(wrapping).new_data_key(subject)
        assert vault(opening).unwrap(subject, wrapped) == key


def test_what_was_wrapped_before_opens_at_the_end_only_when_it_was_wrapped_anew() -> None:
    subject = uuid4()
    key, wrapped = vault(FIRST).new_data_key(subject)
    with pytest.raises(Unsealable):
        vault(DONE).unwrap(subject, wrapped)
    anew = vault(CHANGED).rewrap(subject, wrapped)
    assert anew is not None
    assert vault(DONE).unwrap(subject, anew) == key
    assert vault(CHANGED).rewrap(subject, anew) is None
    with pytest.raises(Unsealable):
        vault(FIRST).unwrap(subject, anew)
    with pytest.raises(Unsealable):
        vault(CHANGED).rewrap(uuid4(), wrapped)


def test_a_link_in_a_letter_stays_good_through_every_exchange() -> None:
    rings = [*STEPS, exchanged(announced(DONE))]
    tokens = [instruments(ring, "http://registry.test").unsubscribe_tokens for ring in rings]
    sent = tokens[0].seal(b"[1]")
    assert all((one.open(sent) or b"").rstrip() == b"[1]" for one in tokens)
    early = tokens[2].seal(b"[2]")
    assert all((one.open(early) or b"").rstrip() == b"[2]" for one in tokens[1:])


def test_processes_with_other_master_keys_can_be_told_apart_and_no_key_is_told() -> None:
    told = [vault(ring).generation for ring in STEPS]
    assert len(set(told)) == len(STEPS)
    assert vault(COMING).generation == told[1]
    assert not any(FIRST.master_key.hex()[:8] in one for one in told)


@pytest.mark.parametrize("ring", STEPS)
def test_a_ring_is_read_as_it_was_written_at_every_step(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = load_or_create(path)
    replace_ring(path, before, ring)
    assert load_or_create(path) == ring
    with pytest.raises(BadKeyRing, match="meanwhile"):
        replace_ring(path, before, FIRST)


def test_no_step_is_taken_twice_or_out_of_turn() -> None:
    for step, rings in (
        (announced, (COMING, CHANGED)),
        (exchanged, (FIRST, CHANGED, DONE)),
        (settled, (FIRST, COMING, DONE)),
    ):
        for ring in rings:
            with pytest.raises(BadKeyRing):
                step(ring)


def test_an_exchange_leaves_every_other_key_as_it_is() -> None:
    changed = {name for name in FIRST.__slots__ if getattr(FIRST, name) != getattr(DONE, name)}
    assert changed == {"master_key", "earlier_link_keys"}
