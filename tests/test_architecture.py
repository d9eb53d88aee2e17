"""The house keeps its walls: who imports whom, how large files and nodes may be, what stands at the top."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("store", "pipeline", "ui")
ALLOWED = {"store": {"store"}, "pipeline": {"store", "pipeline"}, "ui": {"store", "pipeline", "ui"}}
TOP = {"pyproject.toml", "pipeline", "ui", "store", "tests", "prompts", "README.md", "Makefile", "LICENSE"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 45
LONGER_WITH_REASON = {"store/records.py": "every record in one place"}
LONGEST_NODE = 20

FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "versions" not in path.parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_rooms(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names} & {*ROOMS, "tests"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    assert imported_rooms(path) <= ALLOWED[room]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    if str(path.relative_to(ROOT)) not in LONGER_WITH_REASON:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_nodes_are_short() -> None:
    for node in tree(ROOT / "pipeline" / "nodes.py").body:
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_NODE, node.name


def test_only_one_file_speaks_to_models_and_one_to_chroma() -> None:
    def users(package: str) -> list[str]:
        return [
            str(path.relative_to(ROOT))
            for path in FILES
            if any(
                (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == package for alias in node.names))
                or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package)
                for node in ast.walk(tree(path))
            )
        ]

    assert users("openai") == ["pipeline/models/client.py"]
    assert users("chromadb") == ["store/vectors.py"]
    assert users("xllamacpp") == ["pipeline/models/embedded.py"]


def test_nothing_else_stands_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    top = {name.split("/")[0] for name in listed if name}
    assert {name for name in top if not name.startswith(".")} <= TOP
