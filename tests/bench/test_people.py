"""The people of a data set are as many as they should be, and each list has whom it should have."""

import numpy as np

from app.domain.identifiers.email import already_canonical as plain_email
from app.domain.identifiers.phone import already_canonical as plain_phone
from bench import people

SOME = np.arange(people.STRANGERS, people.STRANGERS + 20_000, dtype=np.int64)


def test_every_number_is_canonical_and_nobody_elses() -> None:
    numbers = people.phone_numbers(np.concatenate([SOME, SOME - people.STRANGERS]))
    assert all(plain_phone(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(plain_email(address) for address in people.emails(SOME))


def test_people_number_round_once_through_all_numbers() -> None:
    ends = np.array([0, people.MOST - 1, people.MOST], np.int64)
    first, last, again = people.phone_numbers(ends)
    assert first == again != last


def test_a_national_number_is_the_same_without_its_country() -> None:
    assert people.national("+46701740605") == "070-174 06 05"


def test_the_largest_list_has_its_share_and_the_lists_have_everybody() -> None:
    ranks = people.ranks(np.arange(100_000, dtype=np.int64), 40)
    sizes = np.bincount(ranks, minlength=40)
    assert 0.17 < sizes[0] / len(ranks) < 0.19
    assert sizes[1:].min() > 0
    assert list(people.members(7, 40, 100_000)) == list(np.flatnonzero(ranks == 7))


def test_a_list_to_wash_has_as_many_hits_as_it_says() -> None:
    listed, strangers = ["a", "b"], ["x", "y", "z"]
    chosen, hits = people.asked(listed, strangers, 100, 0.2, np.random.default_rng(1))
    assert hits == 20
    assert sum(one in listed for one in chosen) == 20
    assert len(chosen) == 100
