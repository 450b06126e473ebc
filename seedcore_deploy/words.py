"""The words of a command line: which verb is meant, and which namespace."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from seedcore_deploy.errors import UsageError


def check_verb(words: Sequence[str], verbs: Sequence[str]) -> None:
    """Answer a mistyped verb with the verb that was meant. Raises UsageError."""
    takes_value = {"-n", "--namespace", "--context", "--kubeconfig", "-k", "--kustomize"}
    takes_value |= {"--overlay", "--timeout"}
    rest = iter(words)
    for word in rest:
        if word in takes_value:
            next(rest, None)
        elif not word.startswith("-"):
            if word in verbs:
                return
            near = difflib.get_close_matches(word, verbs, n=1)
            meant = f"did you mean `{near[0]}`?" if near else "see `seedcore-deploy --help`"
            raise UsageError(f"there is no verb {word!r} (verbs: {', '.join(verbs)})", meant)


_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def one_namespace(positional: str | None, option: str | None) -> str | None:
    """The namespace, wherever it was said. Raises UsageError for two, and for what is none."""
    if positional and option and positional != option:
        raise UsageError(
            f"two namespaces were named: {positional!r} and {option!r}", "say one of them"
        )
    name = positional if positional is not None else option
    if name is not None and not _NAMESPACE.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a namespace",
            "use lower-case letters, digits and dashes, at most 63",
        )
    return name
