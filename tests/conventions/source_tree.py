"""The import graph, the types and the identifiers of the source tree, read without running it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "facemask"
CRATES = sorted(path.parent for path in ROOT.glob("crates/*/Cargo.toml"))
# Swagger UI's own build is not ours.
VENDORED = "swagger"

Graph = dict[str, set[str]]


def strongly_connected(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The components of more than one node, by Tarjan's algorithm (1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = []
            while not component or component[-1] != node:
                component.append(stack.pop())
            if len(component) > 1:
                found.append(sorted(component))

    for node in graph:
        if node not in index:
            visit(node)
    return found


# Rust

_COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|r(#*)".*?"\1|"(?:\\.|[^"\\])*"', re.DOTALL)


def rust_code(path: Path) -> str:
    """A file without comments, string literals and the tests at its end."""
    text = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod ")[0]
    return _COMMENT_OR_TEXT.sub(lambda match: " " if match[0].startswith("/") else '""', text)


def rust_modules(crate: Path) -> dict[str, Path]:
    """The files of a crate by the path of their module, such as `contour::topology`; the root is empty."""
    found = {}
    for path in sorted((crate / "src").rglob("*.rs")):
        parts = path.relative_to(crate / "src").with_suffix("").parts
        name = "::".join(part for part in parts if part not in ("mod", "lib"))
        found[name] = path
    return found


def use_paths(tree: str) -> Iterator[str]:
    """The paths of a use tree: `a::{b, c::{d, self}}` has `a::b`, `a::c::d` and `a::c`."""
    head, brace, rest = tree.partition("{")
    if not brace:
        yield re.sub(r"\s+as\s+\w+", "", head).strip()
        return
    depth, item = 0, ""
    for letter in rest[: rest.rindex("}")]:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and not depth:
            yield from _joined(head, item)
            item = ""
        else:
            item += letter
    yield from _joined(head, item)


def _joined(head: str, item: str) -> Iterator[str]:
    if item.strip():
        for path in use_paths(item.strip()):
            yield (head.strip() + path).removesuffix("::self")


def rust_graph(crate: Path) -> Graph:
    """Which module of a crate uses which other, by `use` and by paths in the code."""
    modules = rust_modules(crate)
    exports = _re_exports(modules)
    graph: Graph = {name: set() for name in modules}
    for name, path in modules.items():
        code = rust_code(path)
        used = {each for tree in re.findall(r"\buse\s+([^;]+);", code) for each in use_paths(tree)}
        used |= set(re.findall(r"\b(?:crate|super|self)(?:::\w+)+", code))
        used |= set(re.findall(r"(?<![:\w])[a-z_]\w*(?:::\w+)+", code))
        for each in used:
            target = _module_of(each, name, modules, exports)
            if target is not None and target != name:
                graph[name].add(target)
    return graph


def _re_exports(modules: Mapping[str, Path]) -> dict[tuple[str, str], str]:
    """Where a name that a module re-exports is defined: whoever uses it does not depend on the re-exporting file."""
    found: dict[tuple[str, str], str] = {}
    for name, path in modules.items():
        for tree in re.findall(r"\bpub(?:\([^)]*\))? use\s+([^;]+);", rust_code(path)):
            for each in use_paths(tree):
                target = _module_of(each, name, modules, {})
                if target not in (None, name):
                    found[name, each.rpartition("::")[2]] = target
    return found


def _module_of(
    path: str, inside: str, modules: Mapping[str, Path], exports: Mapping[tuple[str, str], str]
) -> str | None:
    """The module with the longest name that begins `path`; None for other crates."""
    parts = path.split("::")
    here = inside.split("::") if inside else []
    if parts[0] == "crate":
        base, parts = [], parts[1:]
    elif parts[0] in ("super", "self"):
        base = here
        while parts and parts[0] in ("super", "self"):
            base = base[:-1] if parts[0] == "super" else base
            parts = parts[1:]
    elif "::".join([*here, parts[0]]) in modules:
        base = here
    else:
        return None
    for length in range(len(parts), -1, -1):
        if (name := "::".join([*base, *parts[:length]])) in modules:
            following = parts[length] if length < len(parts) else ""
            return exports.get((name, following), name)
    return None


def rust_types(crate: Path) -> dict[str, list[str]]:
    """The files in which each type of a crate is defined; associated types are indented and do not count."""
    found: dict[str, list[str]] = {}
    for path in rust_modules(crate).values():
        for name in re.findall(
            r"^(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|type|union) (\w+)", rust_code(path), re.MULTILINE
        ):
            found.setdefault(name, []).append(path.name)
    return found


# Python


def python_modules() -> dict[str, Path]:
    """The files of the package by the name of their module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def python_graph() -> Graph:
    """Which module imports which other when it is loaded; imports inside functions do not count."""
    modules = python_modules()
    graph: Graph = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets: set[str] = set()
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    # The compiled module is no file of Python, and its package is no part of it.
                    targets.add(full if full in modules or full.endswith("._core") else node.module)
            elif isinstance(node, ast.Import):
                targets = {alias.name for alias in node.names}
            graph[name] |= {target for target in targets if target in modules and target != name}
    return graph


def python_types() -> dict[str, list[str]]:
    """The modules in which each class of the package is defined."""
    found: dict[str, list[str]] = {}
    for name, path in python_modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(name)
    return found


# All languages


def sources() -> list[Path]:
    """Every source file of the product."""
    folders = [PACKAGE, *(crate / "src" for crate in CRATES)]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".pyi", ".rs", ".js")]
    return sorted(path for path in files if VENDORED not in path.parts)


def identifiers(path: Path) -> set[str]:
    """The names in a file's code, not in its comments and texts."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".py", ".pyi"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return {token.string for token in tokens if token.type == tokenize.NAME}
    if path.suffix == ".rs":
        return set(re.findall(r"[A-Za-z_]\w*", rust_code(path)))
    code = re.sub(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", " ", text, flags=re.DOTALL)
    return set(re.findall(r"[A-Za-z_]\w*", code))


def words(identifier: str) -> list[str]:
    """The words of an identifier in any case: `HTTPServer_at`, `httpServerAt` and so on."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", identifier)]
