"""What kubectl and kustomize write when they fail, as errors of ours: one clear line each.

Pure text work; the wording was seen with kubectl 1.32 (kustomize 5.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.errors import CouldNotLook, Refused, SeedcoreError, UsageError
from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.sources.kustomization import kustomization_file
from seedcore_deploy.sources.yaml_documents import read_documents

_KLOG = re.compile(
    r'^[EF]\d{4} .*?err=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|<\n(?P<block>.*?)\n >)', re.DOTALL
)
_LOG_LINE = re.compile(r"^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ .*?\] ?", re.MULTILINE)
_WARNING = re.compile(r"^(?:#? ?Warning: .*|#\s.*)$", re.MULTILINE)
_RECURSED = re.compile(r"recursed accumulation of path '([^']+)'")
_FROM = re.compile(r"accumulating resources from '([^']+)'")
_BAD_FILE = re.compile(r"MalformedYAMLError: (?P<why>.*) in File: (?P<file>\S+)", re.DOTALL)
_BAD_PATCH = re.compile(r'unable to parse SM or JSON patch from \[path: "([^"]+)"\]')
_LINE = re.compile(r"line (\d+)")
_REMOTE = re.compile(r"^(?:[a-z+]+://|git@|[\w.-]+\.[a-z]{2,}[/:].*\?ref=|github\.com/)")
_NAMESPACE = re.compile(
    r'from the provided object "([^"]*)" does not match the namespace "([^"]*)"'
)
_INVALID = re.compile(
    r"is invalid|denied the request|error validating|strict decoding|is immutable"
)
# A refused patch is quoted whole, with all data and the last applied configuration.
_PATCH = re.compile(r'error when applying patch:.*?(?:\nfor: "[^"]*": |\Z)', re.DOTALL)
# So is a refused field, as Go prints it: core.PodTemplateSpec{...}.
_INVALID_VALUE = re.compile(r"(Invalid value: )[\w.*&\[\]]*\{.*\}(?=: )", re.DOTALL)
_RESTRICTED = "security; file "
_TWICE = re.compile(
    r'Kind:"(?P<kind>\w+)"[^{}]*\}, Name:"(?P<name>[^"]+)"[^{}]*\} exists; behavior must be'
    r"|already registered id: (?P<id>\w+)\.[^/ ]*/(?P<of>[^ ']+?)\.[^. ']*'"
)
"""What kustomize says of two objects of one name: of a generator, and of any other."""

_REPLACEMENTS = {
    re.compile(r'unable to find field "([^"]+)" in replacement target'): (
        "a replacement writes {what}, which has to be there: add it to the target (a key of a "
        "ConfigMap: to its literals or env file), or take it out of the replacement"
    ),
    re.compile(r"nothing selected by (\S+?)(?:\.\[|:)"): (
        "a replacement takes a value from {what}, and there is no such object in the overlay: add "
        "it, or let the replacement's source name another one"
    ),
    re.compile(r"multiple matches for selector (\S+?)(?:\.\[|:)"): (
        "a replacement takes a value from {what}, and only one may be meant: name it in the "
        "replacement's source"
    ),
}
"""What kustomize says of replacements that do not fit the objects, and the mend."""

_OFFLINE = "go online (network, proxy, git credentials), or vendor that base into the repository"
YAML_MEND = "mend the file; `kubectl kustomize {directory}` shows the same error"


@dataclass(frozen=True, slots=True)
class Failed:
    """A kubectl that ended badly: what it was asked to do, and what it wrote to stderr."""

    doing: str
    returncode: int
    stderr: str


class RenderFailed(UsageError):
    """The overlay does not build; `file` is the one to mend, where the message tells.

    `line` is 0 where it is not told; `twice` the object that two places define.
    """

    def __init__(
        self,
        what: str,
        mend: str,
        file: Path | None = None,
        line: int = 0,
        twice: Subject | None = None,
    ) -> None:
        super().__init__(what, mend)
        self.file = file
        self.line = line
        self.twice = twice

    def without(self, copy: str) -> RenderFailed:
        """The same error for what a copy below another root was made of."""
        file = Path(str(self.file).removeprefix(copy)) if self.file else None
        what, mend = self.what.replace(copy, ""), self.mend.replace(copy, "")
        return RenderFailed(what, mend, file, self.line, self.twice)


def said(stderr: str) -> str:
    """What kubectl's stderr says, as one line: no log decoration, patches, quoting or secrets."""
    return without_secrets(_undecorated(stderr))


def _undecorated(stderr: str) -> str:
    found = _KLOG.search(stderr)
    if found is not None:
        text = found["block"] or re.sub(r"\\(.)", _unescaped, found["quoted"] or "")
    else:
        text = _LOG_LINE.sub("", _WARNING.sub("", stderr))
    text = _INVALID_VALUE.sub(r"\1(not shown)", _PATCH.sub("", text))
    text = re.sub(r"map\[string\]interface \{\}\(nil\): |yaml: unmarshal errors: ", "", text)
    return re.sub(r"^error: ", "", " ".join(text.split()))


def _unescaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": " "}.get(found[1], found[1])


def load_restricted(stderr: str) -> bool:
    """Whether kustomize refused a file outside of the kustomization's own folder."""
    return _RESTRICTED in stderr


def render_error(directory: Path, failed: Failed) -> SeedcoreError:
    """The error for a kustomization that does not build: which file, which line, and the mend.

    CouldNotLook for a remote base that cannot be fetched, RenderFailed for everything else.
    """
    text = _undecorated(failed.stderr)  # names of files may look like secrets
    folder = _innermost_folder(directory, text)
    sources = _FROM.findall(text)
    if sources and _REMOTE.match(sources[-1]):
        remote = without_secrets(sources[-1])
        return CouldNotLook(
            f"the overlay {directory} needs {remote}, which cannot be fetched: {_last(text)}",
            _OFFLINE,
        )
    mend = YAML_MEND.format(directory=directory)
    bad = _BAD_FILE.search(text)
    if bad is not None:
        return _bad_file(folder / bad["file"], bad["why"], mend)
    kustomization = kustomization_file(folder)
    if "invalid Kustomization: " in text and kustomization is not None:
        return _bad_file(kustomization, text.partition("invalid Kustomization: ")[2], mend)
    patch = _BAD_PATCH.search(text)
    if patch is not None:
        return _bad_file(folder / patch[1], "this is no patch that kustomize understands", mend)
    twice = _TWICE.search(text)
    if twice is not None:
        subject = Subject(twice["kind"] or twice["id"], twice["name"] or twice["of"])
        return RenderFailed(
            f"the overlay {directory} does not build: {subject} is defined twice",
            "keep one of them; a generator that adds to another one needs `behavior: merge`",
            twice=subject,
        )
    if "no such file or directory" in text and sources:
        return RenderFailed(
            f"{kustomization or folder} names {sources[-1]}, which does not exist",
            "mend the name, or add the file",
            kustomization,
        )
    for pattern, advice in _REPLACEMENTS.items():
        if found := pattern.search(text):
            mend = advice.format(what=found[1])
    return RenderFailed(f"the overlay {directory} does not build: {_last(text)}", mend)


def silent_remotes(directory: Path, remotes: str, fault: SeedcoreError) -> CouldNotLook:
    """The error for a render that did not end: kustomize waits for a mute server for ever."""
    return CouldNotLook(
        f"the overlay {directory} needs {without_secrets(remotes)}, which cannot be fetched: "
        f"{fault.what}",
        _OFFLINE,
    )


def command_error(failed: Failed) -> SeedcoreError:
    """The error for a kubectl command against a cluster that ended badly."""
    text = said(failed.stderr) or f"kubectl ended with {failed.returncode} and said nothing"
    mismatch = _NAMESPACE.search(text)
    if mismatch is not None:
        return UsageError(
            f"the overlay is for namespace {mismatch[1]}, not for {mismatch[2]}",
            f"say `seedcore-deploy apply {mismatch[1]}`, or choose another overlay with --overlay",
        )
    if re.search(r"context .* does not exist|stat .*: no such file", text):
        return UsageError(f"kubectl: {text}", "check --context and --kubeconfig")
    if _INVALID.search(text):
        return Refused(
            f"the API server refuses what the overlay says: {text}",
            "mend the manifests, or the policy that denies them, and run apply again",
        )
    return CouldNotLook(f"could not {failed.doing}: {text}", _mend_for(text))


def _innermost_folder(directory: Path, text: str) -> Path:
    folders = _RECURSED.findall(text)
    if not folders:
        return directory
    try:
        return Path(folders[-1]).relative_to(Path.cwd())
    except ValueError:
        return Path(folders[-1])


def _bad_file(file: Path, why: str, mend: str) -> RenderFailed:
    """kustomize often tells no line: our own reader finds it, where it sees the same fault."""
    try:
        read_documents(file)
    except UsageError as fault:
        return RenderFailed(fault.what, mend, file, getattr(fault, "line", 0))
    line = _LINE.search(why)
    where = f"{file}, line {line[1]}" if line else str(file)
    reason = re.sub(r"^(?:yaml: |json: )+(?:line \d+: )?", "", why).strip("' ")
    reason = without_secrets(reason)
    return RenderFailed(f"{where}: {reason}", mend, file, int(line[1]) if line else 0)


def _last(text: str) -> str:
    """The innermost cause of a kustomize error, which repeats the way to it."""
    steps = re.split(r"(?:accumulating resources: |recursed accumulation of path '[^']+': )", text)
    return without_secrets(steps[-1])


def _mend_for(text: str) -> str:
    known = (
        (r"[Ff]orbidden", "ask for this permission; deploy/rbac has the deployer's Role"),
        (r"Unauthorized|must be logged in|provide credentials", "log in again"),
        (r"refused|no such host|timeout|timed out|unreachable|EOF", "check the way to the cluster"),
        (r"namespaces? \"[^\"]*\" not found", "make the namespace, or say --create-namespace"),
        (r"no matches for kind \"Ray", "install KubeRay and its CRDs"),
    )
    for pattern, mend in known:
        if re.search(pattern, text):
            return mend
    return "mend what kubectl says, and run the command again"
