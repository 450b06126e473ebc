"""Python, by its syntax tree: ray.init, and what writes RAY_ADDRESS into os.environ."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TypeGuard

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.setting import ADDRESS, Place, RayInit, Setting
from seedcore_deploy.model.source import Edit, Position
from seedcore_deploy.sources.source_text import SourceText

_HARMLESS = frozenset(
    {"namespace", "runtime_env", "ignore_reinit_error", "configure_logging", "logging_level",
     "logging_format", "log_to_driver", "allow_multiple"}
)  # fmt: skip
"""Arguments of ray.init that mean the same for a cluster that is there already (Ray 2.60.0)."""
_OWN = frozenset({"num_cpus", "num_gpus", "resources", "local_mode", "object_store_memory"})
_SILENT = (ast.Constant, ast.expr_context, ast.operator)
_AUTO = 'address="auto"'


class PythonFault(UsageError):
    """A text that is no Python of this version; `line` from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what, "mend the syntax, or say why it is left out with an ignore comment")
        self.line = line


@dataclass(frozen=True, slots=True)
class PythonFile:
    """What a Python file says about Ray's address."""

    inits: tuple[RayInit, ...]
    settings: tuple[Setting, ...]


def read_python(source: SourceText, place: str = "") -> PythonFile:
    """The calls and writes of a file. Raises PythonFault where the text is no Python.

    `place` is its path in its repository, which tells a test's files, from wherever it is read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd in other people's code is theirs
            tree = ast.parse(source.text)
    except SyntaxError as fault:
        raise PythonFault(f"{source.file}: {fault.msg}", fault.lineno or 1) from fault
    except (ValueError, RecursionError, MemoryError) as fault:
        raise PythonFault(f"{source.file} cannot be read as Python: {fault}", 1) from fault
    nodes = list(_nodes(tree))
    reading = _Reading(source, _Names.of(nodes), is_test(place or source.file))
    for node in nodes:
        reading.look_at(node)
    return PythonFile(
        tuple(sorted(reading.inits, key=lambda each: each.at)),
        tuple(sorted(reading.settings, key=lambda each: each.at)),
    )


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but those that say nothing here; twice as fast as ast.walk, over a repository."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, _SILENT):
                waiting.append(value)


def is_test(file: str) -> bool:
    """Whether the file is a test's: there a Ray of one's own is often meant."""
    path = PurePath(file)
    named = path.stem.startswith("test_") or path.stem.endswith("_test")
    return named or path.stem == "conftest" or bool({"tests", "test"} & set(path.parts[:-1]))


@dataclass(slots=True)
class _Names:
    """What names mean in a module: `ray`, `ray.init`, `os`, `os.environ`, texts."""

    ray: set[str] = field(default_factory=set)
    init: set[str] = field(default_factory=set)
    os: set[str] = field(default_factory=set)
    environ: set[str] = field(default_factory=set)
    putenv: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    bound: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, nodes: Iterable[ast.AST]) -> _Names:
        """What the nodes of a module bind."""
        names = cls()
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names._imported(alias)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    names._imported_from(node.module or "", alias)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                names._assigned(node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                names.bound[node.id] += 1
            elif isinstance(node, ast.arg):
                names.bound[node.arg] += 2
        return names

    def text(self, name: str) -> str | None:
        """The text that a name stands for: it is given that one, and nothing else anywhere."""
        return self.texts.get(name) if self.bound[name] == 1 else None

    def _imported(self, alias: ast.alias) -> None:
        top = alias.name.partition(".")[0]
        if alias.name == top or alias.asname is None:
            {"ray": self.ray, "os": self.os}.get(top, set()).add(alias.asname or top)

    def _imported_from(self, module: str, alias: ast.alias) -> None:
        known = {
            ("ray", "init"): self.init,
            ("os", "environ"): self.environ,
            ("os", "putenv"): self.putenv,
        }
        known.get((module, alias.name), set()).add(alias.asname or alias.name)

    def _assigned(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        text = _text(node.value) if node.value is not None else None
        for target in targets:
            if isinstance(target, ast.Name) and text is not None:
                self.texts[target.id] = text


@dataclass(slots=True)
class _Reading:
    """One reading of a module."""

    source: SourceText
    names: _Names
    in_test: bool
    inits: list[RayInit] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)

    @property
    def leave_alone(self) -> bool:
        """Tests, and files with line ends of old that the syntax tree counts and we do not."""
        return self.in_test or "\r" in self.source.text.replace("\r\n", "")

    def look_at(self, node: ast.AST) -> None:
        """Note what a node says."""
        if isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if self._is_address_entry(target):
                    self._write(target, node.value, node if len(node.targets) == 1 else None)
        elif isinstance(node, ast.AugAssign) and self._is_environ(node.target):
            self._update(node.value)

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if self._is(function, self.names.init, self.names.ray, "init"):
            self._init(node)
        elif self._is(function, self.names.putenv, self.names.os, "putenv"):
            if len(node.args) == 2 and _text(node.args[0]) == ADDRESS:
                self._write(node, node.args[1], None)
        elif _is_method(function, "update") and self._is_environ(function.value):
            for argument in node.args:
                self._update(argument)
            for keyword in node.keywords:
                if keyword.arg == ADDRESS:
                    self._write(keyword, keyword.value, None)

    def _is(self, node: ast.expr, plain: set[str], modules: set[str], name: str) -> bool:
        """Whether an expression is `name` of a module, imported either way."""
        if isinstance(node, ast.Name):
            return node.id in plain
        return (
            isinstance(node, ast.Attribute)
            and node.attr == name
            and isinstance(node.value, ast.Name)
            and node.value.id in modules
        )

    def _is_environ(self, node: ast.expr) -> bool:
        return self._is(node, self.names.environ, self.names.os, "environ")

    def _is_address_entry(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Subscript)
            and self._is_environ(node.value)
            and _text(node.slice) == ADDRESS
        )

    def _update(self, value: ast.expr) -> None:
        if isinstance(value, ast.Dict):
            for key, item in zip(value.keys, value.values, strict=True):
                if key is not None and _text(key) == ADDRESS:
                    self._write(key, item, None)

    def _write(
        self, node: ast.expr | ast.keyword, value: ast.expr, statement: ast.Assign | None
    ) -> None:
        text = self._literal(value)
        edits: tuple[Edit, ...] = ()
        # What a program computes, it may have been asked for: only a literal is a default.
        literal = text is not None and not self.leave_alone
        if statement is not None and literal and isinstance(node, ast.expr):
            edits = self._overridable(node, statement)
        at = self._at(node)
        self.settings.append(Setting(Place.PYTHON, at, text, in_test=self.in_test, edits=edits))

    def _init(self, node: ast.Call) -> None:
        keywords = {each.arg: each.value for each in node.keywords}
        if any(isinstance(each, ast.Starred) for each in node.args):
            return
        given = node.args[0] if node.args else keywords.get("address")
        if given is None and None in keywords:
            return  # **options may hold one
        address = None
        if given is not None and not (isinstance(given, ast.Constant) and given.value is None):
            address = self._literal(given)
            if address is None:
                return  # computed: the environment may well decide
        own = bool(_OWN & set(keywords))
        edits = () if self.leave_alone else self._init_edits(node, given, set(keywords))
        self.inits.append(RayInit(self._at(node), address, own, self.in_test, edits))

    def _literal(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self.names.text(node.id)
        return _text(node)

    def _init_edits(
        self, node: ast.Call, given: ast.expr | None, keywords: set[str | None]
    ) -> tuple[Edit, ...]:
        """Let it say address="auto"; not where another argument asks for a Ray of its own."""
        if not keywords - {"address"} <= _HARMLESS or len(node.args) > 1:
            return ()
        if given is not None:
            start, end = self._span(given)
            return (Edit(self.source.file, start, end, '"auto"'),)
        _, end = self._span(node.func)
        opened = self.source.text.find("(", end)
        comma = ", " if node.keywords else ""
        return (Edit(self.source.file, opened + 1, opened + 1, f"{_AUTO}{comma}"),)

    def _overridable(self, target: ast.expr, statement: ast.Assign) -> tuple[Edit, ...]:
        """The same value as a default: what the environment has wins."""
        assert isinstance(target, ast.Subscript)
        _, environ = self._span(target.value)
        equals = self.source.text.index("=", self._span(target)[1])
        start, (_, end) = equals + 1, self._span(statement)
        name = self.source.text[slice(*self._span(target.slice))]
        if "\n" in name:
            return ()
        file = self.source.file
        return (
            Edit(file, environ, start, f".setdefault({name},"),
            Edit(file, end, end, ")"),
        )

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        start = self._offset(node.lineno, node.col_offset)
        return start, self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, line: int, column: int) -> int:
        """The offset of a place that the syntax tree tells in bytes of UTF-8."""
        start = self.source.offset_of_line(line)
        text = self.source.text[start : start + column]
        while len(text.encode("utf-8", "surrogatepass")) > column:
            text = text[:-1]
        return start + len(text)

    def _at(self, node: ast.expr | ast.keyword) -> Position:
        return self.source.at(self._offset(node.lineno, node.col_offset))


def _is_method(node: ast.expr, name: str) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr == name


def _text(node: ast.expr) -> str | None:
    """The text that an expression is, if it is one: a literal, or an f-string without fields."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [_text(each) for each in node.values]
        return None if None in parts else "".join(part or "" for part in parts)
    return None
