"""The README's walk-through, typed as it stands there, gives the answers that it prints."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from tests.architecture.repository import ROOT
from tests.readme.serving import environment, served

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "--- the next block ---"
CHANGING = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
]


def blocks() -> list[tuple[str, str]]:
    """(language, text) of every fenced block of the walk-through, in order."""
    text = (ROOT / "README.md").read_text()
    walk = text.partition("\n## Walk-through\n")[2].partition("\n## ")[0]
    return BLOCK.findall(walk)


def steady(output: str) -> str:
    """Without what is another in each run: ids and times."""
    for pattern, word in CHANGING:
        output = pattern.sub(word, output)
    return output.strip()


def launcher(folder: Path) -> None:
    """Stands in for ./sparr, which would make an environment of its own first."""
    shim = folder / "sparr"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m app "$@"\n')
    shim.chmod(0o755)


def test_a_reader_who_types_the_walk_through_gets_the_answers_that_it_prints(tmp_path: Path) -> None:
    typed = [text for language, text in blocks() if language == "sh"]
    launcher(tmp_path)
    with served(tmp_path) as registry:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", f"\necho '{MARK}'\n".join(typed)],
            cwd=tmp_path,
            env=environment(**registry.settings),
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = iter(done.stdout.split(f"{MARK}\n"))
    for (language, text), (following, answer) in pairwise([*blocks(), ("", "")]):
        if language == "sh":
            promised = answer if following == "text" else ""
            assert steady(next(printed)) == steady(promised), text


def test_every_answer_of_the_walk_through_follows_what_is_typed() -> None:
    languages = [language for language, _ in blocks()]
    assert set(languages) == {"sh", "text"}
    assert all(before == "sh" for before, after in pairwise(languages) if after == "text")
    assert languages.count("text") >= 8


def test_the_readme_names_the_two_commands_and_says_that_it_is_no_legal_advice() -> None:
    text = (ROOT / "README.md").read_text()
    assert "$ ./sparr up " in text
    assert "$ ./sparr test " in text
    assert "**not legal advice**" in text
