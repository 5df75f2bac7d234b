"""Where fixes take helpers from: settings, declared dependencies, and what nobody says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ctxlint.declared import declared
from ctxlint.settings import Settings
from ctxlint.supply import Helper, Supply, supply_of

DEPENDS = '[project]\nname = "app"\ndependencies = ["httpx", "ctxlint>=1"]\n'
DOES_NOT = '[project]\nname = "app"\ndependencies = ["httpx"]\n'


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def uses_ctxlint(supply: Supply) -> bool:
    modules = {helper.module for helper in supply.helpers.values()}
    assert modules <= {"ctxlint.detached"}
    assert (supply.style == "helpers") == bool(modules)
    assert (supply.missing is None) == bool(modules)
    return bool(modules)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pyproject.toml": DEPENDS},
        {"pyproject.toml": '[project]\nname = "ctxlint"\ndependencies = []\n'},
        {"pyproject.toml": '[project]\nname = "CtxLint"\n'},
        {"pyproject.toml": '[project]\ndependencies = ["CTXLint[flake8] ; sys_platform"]'},
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nctxlint = "*"\n'},
        {"pyproject.toml": '[tool.poetry.dependencies]\nctxlint = { version = "1" }\n'},
        {"pyproject.toml": "[tool.ruff]\nline-length = 90\n"},
        {"pyproject.toml": '[tool.ctxlint]\nselect = ["CTX"]\n'},
        {"pyproject.toml": '[project]\nname = "app"\n', "requirements.txt": "ctxlint\n"},
        {"setup.cfg": "[metadata]\nname = app\n[options]\ninstall_requires =\n  a\n  ctxlint>1\n"},
        {"setup.cfg": "[flake8]\nmax-line-length = 90\n"},
        {"setup.py": 'setup(\n  name="a",\n  install_requires=["a>1", "ctxlint==1"],\n)\n'},
        {"setup.py": "setup()\n", "requirements.txt": "ctxlint ~= 1.0  # helpers\n"},
        {"requirements.txt": "-r requirements/base.txt\n", "requirements/base.txt": "ctxlint\n"},
        {
            "requirements/prod.txt": "-r base.txt\n",
            "requirements/base.txt": "ctxlint==1.0 --hash=x",
        },
        {"requirements.in": "ctxlint @ https://example.org/ctxlint.whl\n"},
        {"Pipfile": '[packages]\nctxlint = "*"\n'},
        {"setup.cfg": "no section\n"},
        {"a/pyproject.toml": DEPENDS, "b/pyproject.toml": DEPENDS},
        {"app/__init__.py": "", "app/template/pyproject.toml": DOES_NOT},
        {".venv/lib/pyproject.toml": DOES_NOT},
        {"a/b/c/pyproject.toml": DOES_NOT},
    ],
)
def test_ctxlint_is_used_where_it_is_there_or_nothing_says_what_is(
    tmp_path: Path, files: dict[str, str]
) -> None:
    assert uses_ctxlint(supply_of(Settings(), write(tmp_path, files)))


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": DOES_NOT},
        {"pyproject.toml": '[project]\nname = "app"\n'},
        {"pyproject.toml": '[build-system]\nrequires = ["setuptools", "ctxlint"]\n'},
        {"pyproject.toml": f'{DOES_NOT}[project.optional-dependencies]\ndev = ["ctxlint"]\n'},
        {"pyproject.toml": f'{DOES_NOT}[dependency-groups]\ndev = ["ctxlint"]\n'},
        {"pyproject.toml": f'{DOES_NOT}[tool.uv]\ndev-dependencies = ["ctxlint"]\n'},
        {"pyproject.toml": '[project]\ndependencies = ["ctxlint-more", "not-ctxlint"]\n'},
        {"pyproject.toml": DOES_NOT, "requirements.txt": "ctxlint\n"},
        {"pyproject.toml": '[project]\nname = "app"\n', "requirements-dev.txt": "ctxlint\n"},
        {"pyproject.toml": "[tool.poetry.group.dev.dependencies]\nctxlint = '*'\n"},
        {"pyproject.toml": "[tool.poetry.dev-dependencies]\nctxlint = '*'\n"},
        {"pyproject.toml": "[tool.poetry.dependencies]\nctxlint = { optional = true }\n"},
        {"pyproject.toml": "[tool.flit.metadata]\nmodule = 'app'\n"},
        {"pyproject.toml": "[project\n"},
        {"pyproject.toml": "[project]\ndependencies = 'ctxlint'\n"},
        {"setup.cfg": "[metadata]\nname = app\n"},
        {"setup.cfg": "[options]\ninstall_requires = a\n[options.extras_require]\ndev = ctxlint\n"},
        {"setup.py": 'setup(install_requires=["a"], extras_require={"dev": ["ctxlint"]})\n'},
        {"setup.py": 'setup(extras_require={"dev": ["ctxlint"]})\n'},
        {"requirements.txt": "httpx\n# ctxlint\nctxlint-plugins\n"},
        {"requirements.txt": "-r itself.txt\n", "itself.txt": "-r requirements.txt\n"},
        {"dev-requirements.txt": "ctxlint\n"},
        {"requirements/test.txt": "ctxlint\n"},
        {"Pipfile": '[packages]\na = "*"\n[dev-packages]\nctxlint = "*"\n'},
        {"environment.yml": "dependencies: [python]\n"},
        {"Pipfile": "[packages\n"},
        {"a/pyproject.toml": DEPENDS, "libs/b/setup.py": "setup()\n"},
        {"pyproject.toml": "[tool.ctxlint]\n", "libs/b/pyproject.toml": DOES_NOT},
    ],
)
def test_ctxlint_does_not_slip_into_production(tmp_path: Path, files: dict[str, str]) -> None:
    supply = supply_of(Settings(), write(tmp_path, files))
    assert not uses_ctxlint(supply)
    assert supply.missing is not None
    assert "ctxlint --write-helpers" in supply.missing


def test_the_setting_names_a_module(tmp_path: Path) -> None:
    settings = Settings(helpers="app.detached")
    supply = supply_of(settings, write(tmp_path, {"pyproject.toml": DOES_NOT}))
    assert (supply.style, supply.missing) == ("helpers", None)
    assert {helper.module for helper in supply.helpers.values()} == {"app.detached"}
    helper = supply.helper("task", "name", "keep")
    assert helper is not None
    assert helper.name == "create_detached_background_task"
    assert supply.helper("task", "context") is None


def test_the_setting_names_a_projects_own_helpers(tmp_path: Path) -> None:
    settings = Settings(helpers={"task": "app.tasks.spawn_detached"})
    supply = supply_of(settings, write(tmp_path, {"pyproject.toml": DEPENDS}))
    assert supply.helpers == {"task": Helper("app.tasks", "spawn_detached")}
    assert supply.helper("thread") is None
    assert supply.missing is not None
    assert "have no item" in supply.missing


@pytest.mark.parametrize("files", [{}, {"pyproject.toml": DEPENDS}, {"pyproject.toml": DOES_NOT}])
def test_the_style_can_be_asked_for(tmp_path: Path, files: dict[str, str]) -> None:
    root = write(tmp_path, files)
    settings = Settings(fix_style="stdlib", helpers="app.detached")
    supply = supply_of(settings, root)
    assert (supply.style, supply.helpers) == ("stdlib", {})
    assert supply.missing is not None
    assert 'fix-style = "stdlib"' in supply.missing
    assert uses_ctxlint(supply_of(Settings(fix_style="helpers"), root))


@pytest.mark.parametrize("style", ["auto", "helpers", "stdlib"])
def test_what_is_never_carried(tmp_path: Path, style: str) -> None:
    settings = Settings(fix_style=style, never_carry=("app.db.session",))  # type: ignore[arg-type]
    assert supply_of(settings, tmp_path).never_carry == (Helper("app.db", "session"),)


def test_what_a_project_declares(tmp_path: Path) -> None:
    text = (
        '[project]\nname = "My_App"\nrequires-python = ">=3.12"\ndependencies = ["Sentry.SDK>2"]\n'
        '[project.optional-dependencies]\ntracing = ["ddtrace", "sentry-sdk"]\n'
    )
    project = declared(write(tmp_path, {"pyproject.toml": text}))
    assert project is not None
    assert (project.name, project.requires_python) == ("my-app", ">=3.12")
    assert project.dependencies == {"sentry-sdk"}
    assert project.extras == {"ddtrace"}


@pytest.mark.parametrize(
    "text",
    [
        "install_requires = [ " * 40_000,
        "install_requires" + " " * 500_000,
        "install_requires=" + "[" * 800_000,
    ],
)
def test_a_setup_that_begins_lists_and_ends_none_takes_no_time(text: str, tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(text)
    begun = time.process_time()
    assert declared(tmp_path) is not None
    assert time.process_time() - begun < 2
