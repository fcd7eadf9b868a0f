"""Reads the project's own files, for the tests that hold the house to its rules."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CLOCK_READS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "datetime.datetime": "now utcnow today",
        "datetime.date": "today",
        "time": "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns sleep localtime gmtime",
        "asyncio": "sleep",
        "anyio": "sleep",
    }.items()
    for name in names.split()
)

IGNORE = re.compile(r"#\s*(?:type:\s*ignore|noqa|ruff:\s*noqa|pragma:\s*no\s*cover)", re.IGNORECASE)
EXPLAINED = (
    re.compile(r"#\s*type:\s*ignore\[[\w,\s-]+\]\s*#?\s*\w.{8,}"),
    re.compile(r"#\s*(?:ruff:\s*)?noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\W+\w.{8,}"),
    re.compile(r"#\s*pragma:\s*no\s*cover\W+\w.{8,}"),
)


@cache
def files() -> tuple[Path, ...]:
    """Every text file that is or will be tracked, relative to the root; without git, whatever is there."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        out = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        found = [Path(name) for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # a tarball without history
        found = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        found = [path for path in found if path.parts[0] not in {".venv", ".oidc", "var"}]
    return tuple(sorted(path for path in found if is_text(ROOT / path)))


def is_text(path: Path) -> bool:
    """Whether the path is a file that holds no zero byte in its first thousands."""
    return path.is_file() and b"\0" not in path.read_bytes()[:8192]


def text(path: Path) -> str:
    """The content of one of our files."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def python_files(room: str | None = None) -> Iterator[Path]:
    """Our Python files, or those of one room."""
    for path in files():
        if path.suffix == ".py" and (room is None or path.parts[0] == room):
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one of our files."""
    return ast.parse(text(path), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Each module that a file imports, with its line; also inside functions and TYPE_CHECKING."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Each function of a file: name, line, length without its decorators."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield node.name, node.lineno, last - node.lineno + 1


def clock_reads(path: Path) -> Iterator[tuple[str, int]]:
    """Each place where a file names a function that reads the clock or sleeps, under whatever alias."""
    known = _aliases(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute | ast.Name):
            name = _dotted(node, known)
            if name in CLOCK_READS:
                yield name, node.lineno


def _aliases(path: Path) -> dict[str, str]:
    """What each imported name of a file stands for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                known[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The full name of an expression such as `dt.datetime.now`, or nothing when it is no plain name."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Each comment of a file, with its line."""
    for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def is_bare_ignore(comment: str) -> bool:
    """Whether a comment silences a checker without naming the rule and the reason."""
    return bool(IGNORE.search(comment)) and not any(form.search(comment) for form in EXPLAINED)


def project_name(requirement: str) -> str:
    """The normalised name in a requirement such as `APScheduler>=3.11,<4`."""
    bare = re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()
