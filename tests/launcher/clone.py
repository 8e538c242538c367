"""A tiny clone: the real launcher, small locks of its own, and a program that says how it was started."""

import base64
import hashlib
import os
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

PROGRAM = """
import importlib.util, json, os, sys
if sys.argv[1:2] == ["exit"]:
    sys.exit(int(sys.argv[2]))
print(json.dumps({
    "arguments": sys.argv[1:],
    "folder": os.getcwd(),
    "prefix": sys.prefix,
    "settings": sorted(name for name in os.environ if name.startswith("SPARR_")),
    "tiny": importlib.util.find_spec("tiny") is not None,
}))
"""


@dataclass(frozen=True)
class Clone:
    """`search` is the PATH that the launcher sees; empty, it finds no uv and takes pip."""

    root: Path
    interpreter: str
    search: str

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / "sparr-stamp.json"

    def lock(self, name: str, *entries: str) -> None:
        path = self.root / "requirements" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{entry}\n" for entry in entries))

    def start(self, *arguments: str, cwd: Path | None = None, **settings: str) -> subprocess.Popen[str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("SPARR_")}
        return subprocess.Popen(
            [self.interpreter, str(self.root / "sparr"), *arguments],
            cwd=cwd or self.root,
            env=environment | {"PATH": self.search} | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str, cwd: Path | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        started = self.start(*arguments, cwd=cwd, **settings)
        output, errors = started.communicate(timeout=120)
        return subprocess.CompletedProcess(started.args, started.returncode, output, errors)


def wheel(folder: Path, name: str, modules: dict[str, str]) -> str:
    """Builds a wheel (PyPA binary distribution format 1.0); returns its line for a lock."""
    about = f"{name}-1.0.dist-info"
    contents = modules | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{digest(text)},{len(text)}\n" for path, text in contents.items())
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)
        archive.writestr(f"{about}/RECORD", f"{record}{about}/RECORD,,\n")
    return f"{name} @ {file.as_uri()} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def digest(text: str) -> str:
    plain = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256={plain.rstrip('=')}"
