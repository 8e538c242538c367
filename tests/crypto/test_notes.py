"""Checkpoints are signed notes as C2SP has them, and nothing else opens as one."""

import base64
from typing import Any

import pytest

from app.crypto.notes import BadNote, Checkpoint, open_checkpoint, sign_checkpoint, verifier_key

# The example of the C2SP signed-note document: a key and a note that it signed.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED, OTHER = bytes(range(32)), bytes(32)
TREE = Checkpoint("sparr/example", 42, bytes(32))
KEY = verifier_key(SEED, TREE.origin)
NOTE = sign_checkpoint(SEED, TREE)


def test_a_checkpoint_opens_under_its_key() -> None:
    assert open_checkpoint(NOTE, KEY) == TREE


def test_a_note_has_three_lines_a_blank_one_and_a_signature() -> None:
    lines = NOTE.split("\n")
    assert lines[:4] == ["sparr/example", "42", base64.b64encode(bytes(32)).decode(), ""]
    assert lines[4].startswith("\u2014 sparr/example ")
    raw = base64.b64decode(lines[4].split(" ")[2])
    assert len(raw) == 4 + 64
    assert raw[:4].hex() == KEY.split("+")[1]
    assert lines[5:] == [""]


def test_a_verifier_key_is_read_as_it_was_published() -> None:
    with pytest.raises(BadNote, match="has not signed"):
        open_checkpoint(NOTE, PUBLISHED_KEY)


def test_signatures_of_others_beside_ours_are_passed_over() -> None:
    witness = "\u2014 witness " + base64.b64encode(bytes(68)).decode() + "\n"
    assert open_checkpoint(NOTE + witness, KEY) == TREE


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        NOTE.replace("42", "43"),
        NOTE.replace("42", "042"),
        NOTE.replace("sparr/example\n42", "sparr/other\n42"),
        NOTE.replace("AAAA", "AAAB", 1),
        NOTE.removesuffix("\n"),
        NOTE.replace("\u2014", "-"),
        NOTE + "more\n",
        "more\n" + NOTE,
        sign_checkpoint(OTHER, TREE),
        sign_checkpoint(SEED, Checkpoint("sparr/other", 42, bytes(32))),
    ],
)
def test_anything_else_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        open_checkpoint(note, KEY)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda key: key.replace("sparr/example", "sparr/other"),
        lambda key: key[:-4] + "AAAA",
        lambda key: key.replace("+", " "),
        lambda key: key + "!",
    ],
)
def test_a_verifier_key_that_is_none_is_refused(change: Any) -> None:
    with pytest.raises(BadNote):
        open_checkpoint(NOTE, change(KEY))


def test_a_name_with_a_blank_signs_nothing() -> None:
    with pytest.raises(BadNote, match="no blank"):
        sign_checkpoint(SEED, Checkpoint("a b", 0, bytes(32)))
