"""The errors that this package raises on purpose; anything else is a bug."""

from __future__ import annotations


class LocalClusterError(Exception):
    """Something a person can mend: what went wrong, where, and what to do about it."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.mend:
            lines.append(f"  mend:  {self.mend}")
        return "\n".join(lines)


class UsageError(LocalClusterError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class MissingPrerequisite(LocalClusterError):
    """A program or a right that the provider needs is not here."""

    exit_code = 3


class CommandFailed(LocalClusterError):
    """A program that was run on purpose ended with an error."""


class BuildFailed(LocalClusterError):
    """A binary or an image could not be built."""


class StartFailed(LocalClusterError):
    """The cluster did not come up, or not all of it."""


class NoSuchCluster(LocalClusterError):
    """The named cluster is not running."""
