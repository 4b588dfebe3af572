# SPDX-License-Identifier: Apache-2.0
"""What the docs are held against: the tree, the facts, codes, settings, commands and figures found in the source."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import typer

from fourleaf.kernel.fact import Body

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")
FIGURE = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")


class Source:
    """Reads the checkout. Finds things by reading the code, so that nobody has to keep a list."""

    root = ROOT

    def text(self, path: str) -> str:
        return (ROOT / path).read_text("utf-8")

    def toml(self, path: str) -> dict[str, Any]:
        return tomllib.loads(self.text(path))

    def own_files(self, *suffixes: str) -> list[Path]:
        """Files we wrote: no vendored ones, nothing that a run or a tool made."""
        tops = ("src", "tests", "docs", "editions", "bench", "tools", "requirements", ".ci")
        found = [path for path in ROOT.iterdir() if path.is_file()]
        for top in tops:
            found += [path for path in (ROOT / top).rglob("*") if path.is_file()]
        hidden = {"vendor", "__pycache__", ".hypothesis"}
        return sorted(p for p in found if p.suffix in suffixes and not hidden & set(p.relative_to(ROOT).parts))

    @cached_property
    def trees(self) -> list[tuple[Path, ast.Module]]:
        return [(path, ast.parse(path.read_text("utf-8"))) for path in sorted((ROOT / "src").rglob("*.py"))]

    def calls(self, name: str) -> Iterator[ast.Call]:
        for _, tree in self.trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _called(node.func) == name:
                    yield node

    def fact_kinds(self) -> dict[str, type[Body]]:
        for path in (ROOT / "src/fourleaf").rglob("facts.py"):
            importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
        return {body.KIND: body for body in _below(Body) if body.KIND and body.__module__.startswith("fourleaf.")}

    def refusal_codes(self) -> set[str]:
        """Codes given to Refusal(...), of an engine's rules and tables, of HTTP problems, and behind database constraints."""
        found = {code for call in self.calls("Refusal") for code in _strings(call.args[:1])}
        for path, tree in self.trees:
            for name in ("CONSTRAINTS", "DECISION_CODES"):
                found |= {code for value in _assignments(tree, name) for code in _strings([value])}
            own = {"rules.py": f"{path.parent.name}.", "problems.py": "request."}.get(path.name)
            found |= {code for code in _strings(tree.body) if own and code.startswith(own)}
        return {code for code in found if CODE.fullmatch(code)}

    def figure_keys(self) -> set[str]:
        """Keys that an engine's figures or picture name, and the run's own (`run.…`) of the worker."""
        sources = set(self.toml("src/fourleaf/ui/messages/en.toml").get("source", {}))
        found: set[str] = set()
        for path, tree in self.trees:
            in_folder = path.parent.name in ("figures", "picture")
            if in_folder or path.name in ("figures.py", "picture.py"):
                engine = path.parent.parent if in_folder else path.parent
                found |= {key for key in _strings(tree.body) if key.startswith(f"{engine.name}.")}
            elif path.parent.name == "app":
                found |= {key for key in _strings(tree.body) if key.startswith("run.")}
        return {key for key in found - sources if FIGURE.fullmatch(key)}

    def variables(self) -> set[str]:
        """Environment variables the program reads."""
        texts = [path.read_text("utf-8") for path in (ROOT / "src/fourleaf").rglob("*.py")]
        return set(re.findall(r"\bFOURLEAF_[A-Z][A-Z0-9_]*\b", "\n".join(texts)))

    def commands(self) -> set[str]:
        from fourleaf.app import cli  # noqa: PLC0415 - so that other tests of this folder run without it

        return {" ".join(words) for words in _commands(typer.main.get_command(cli.app), ())}

    def messages(self) -> dict[str, Path]:
        """Folders of messages, by their path in the repository."""
        folders = {path.parent for path in (ROOT / "src").rglob("messages/*.toml")}
        return {str(folder.relative_to(ROOT)): folder for folder in sorted(folders)}

    def first_column(self, path: str) -> set[str]:
        """The words in backticks in the first column of a page's tables."""
        rows = [line for line in self.text(path).splitlines() if line.startswith("| `")]
        return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])}


def _called(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _strings(nodes: Sequence[ast.AST]) -> set[str]:
    inner = [part for node in nodes for part in ast.walk(node)]
    return {part.value for part in inner if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _below(body: type[Body]) -> Iterator[type[Body]]:
    for child in body.__subclasses__():
        yield child
        yield from _below(child)


def _commands(command: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from _commands(child, (*above, name))
        elif not child.hidden:
            yield (*above, name)


def _assignments(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = getattr(node, "value", None)
            if value is not None:
                yield value
