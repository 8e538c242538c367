"""The answer to a washed list, on its way into a file: whole and proven, or not there."""

import base64
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final, Self

from app.domain.recipient_rows import decoded, encoded
from app.domain.rows_of_csv import MARK, parsed_rows

_WORDS: Final = {"allowed": "allow", "blocked": "block"}


class NotWholeError(Exception):
    """The answer has no summary, or is not the one that its receipt is about. Nothing of it may be used."""


class WashedFile:
    """A file beside the wanted one, which takes its place when everything is there. The last line of the
    answer is no row: it goes into `OUT.receipt.json`."""

    def __init__(self, out: Path, separator: str | None, only: str | None, *, headed: bool) -> None:
        self.rows = 0
        self._out, self._separator, self._wanted = out, separator, _WORDS.get(only or "")
        self._header = headed
        self._held, self._rest = b"", ""
        self._digest = hashlib.sha256()
        descriptor, self._path = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        Path(self._path).unlink(missing_ok=True)

    def take(self, piece: bytes) -> None:
        """One piece of the answer. The line that may be the last one is held back."""
        held = self._held + piece
        end = held.rfind(b"\n", 0, len(held) - 1) + 1
        whole, self._held = held[:end], held[end:]
        self._digest.update(whole)
        self.rows += whole.count(b"\n")
        self._file.write(self._chosen(whole) if self._wanted else whole)

    def finish(self, asked: str) -> dict[str, Any]:
        """The summary, once the file is in its place. `asked` is the SHA-256 of the list. Raises
        NotWholeError."""
        summary = self._summary()
        claims = _claims(summary["receipt"])
        if (claims["request_sha256"], claims["answer_sha256"]) != (asked, self._digest.hexdigest()):
            raise NotWholeError("the receipt is about another list or another answer")
        self._file.flush()
        os.fsync(self._file.fileno())
        receipt = self._out.with_name(f"{self._out.name}.receipt.json")
        receipt.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        Path(self._path).replace(self._out)
        return summary

    def _summary(self) -> dict[str, Any]:
        try:
            last = json.loads(self._held.removeprefix(MARK.encode()))
            if "error" in last:
                told = last["error"]
                raise NotWholeError(f"{told['code']}: {told['detail']}")
            summary: dict[str, Any] = last["summary"]
        except (ValueError, KeyError, TypeError):
            raise NotWholeError("the answer broke off") from None
        return summary

    def _chosen(self, whole: bytes) -> bytes:
        """The rows with the wanted decision, and the header."""
        text = self._rest + decoded(whole)
        if self._separator is None:
            lines = [f"{line}\n" for line in text.split("\n")[:-1]]
            return encoded("".join(one for one in lines if json.loads(one)["decision"] == self._wanted))
        raws, rows = parsed_rows(text, self._separator)
        self._rest = text[sum(map(len, raws)) :]
        chosen = [raw for raw, row in zip(raws, rows, strict=True) if row[-2:-1] == [self._wanted]]
        if self._header and raws:
            self._header = False
            chosen.insert(0, raws[0])
        return encoded("".join(chosen))


def _claims(receipt: str) -> dict[str, Any]:
    payload = receipt.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
