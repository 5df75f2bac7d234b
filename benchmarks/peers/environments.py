"""An environment for each tool: pinned, of the Python that runs this, made on first use."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus_files import CorpusError

from peers.processes import plain

CHECKOUT = Path(__file__).resolve().parents[2]

_LIBCST = "libcst==1.9.0"
_FLAKE8 = ("flake8==7.5.0",)
_CTXLINT = ("click==8.5.1", _LIBCST, "msgspec==0.22.0", "pathspec==1.1.1", "rich==15.0.0")


@dataclass(frozen=True)
class Environment:
    """What is installed together; `checkout`: and ctxlint as it stands here, not editable."""

    name: str
    requirements: tuple[str, ...]
    checkout: bool = False


PARSERS = Environment("parsers", (_LIBCST,))
CTXLINT = Environment("ctxlint", _CTXLINT, checkout=True)
FLAKE8 = Environment("flake8", _FLAKE8)
FLAKE8_CTXLINT = Environment("flake8-ctxlint", (*_FLAKE8, *_CTXLINT), checkout=True)
FLAKE8_ASYNC = Environment("flake8-async", ("flake8-async==26.8.1", _LIBCST))
FIXIT = Environment("fixit", ("fixit==2.2.1", _LIBCST))
RUFF = Environment("ruff", ("ruff==0.17.6",))
SEMGREP = Environment("semgrep", ("semgrep==1.182.0",))


def programs(environment: Environment, cache: Path) -> Path:
    """The directory of an environment's programs; made anew when what belongs in it has changed.

    Raises CorpusError where it cannot be made.
    """
    version = "{}.{}".format(*sys.version_info)
    directory = cache.absolute() / "environments" / f"speed-{environment.name}-{version}"
    complete = directory / "complete"
    wanted = _fingerprint(environment)
    if not complete.is_file() or complete.read_text() != wanted:
        _do(environment, [sys.executable, "-m", "venv", "--clear", str(directory)])
        install = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        install.append("--disable-pip-version-check")
        _do(environment, [*install, "--only-binary=:all:", *environment.requirements])
        if environment.checkout:
            _do(environment, [*install, "--no-deps", str(CHECKOUT)])
        complete.write_text(wanted)
    return directory / "bin"


def _fingerprint(environment: Environment) -> str:
    digest = hashlib.sha256(repr((sys.version, environment)).encode())
    if environment.checkout:
        sources = (path for path in (CHECKOUT / "src").rglob("*") if path.suffix != ".pyc")
        for path in sorted(path for path in sources if path.is_file()):
            digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
        digest.update((CHECKOUT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def _do(environment: Environment, command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=plain())
    if done.returncode != 0:
        # pip's last words come after hints and notices; the error itself says so.
        lines = done.stderr.strip().splitlines() or ["no message"]
        said = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise CorpusError(f"{environment.name} could not be installed: {said}")
