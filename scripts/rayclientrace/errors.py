"""The errors that this package raises on purpose; anything else is a bug."""

from __future__ import annotations


class RaceError(Exception):
    """The experiment cannot go on: what went wrong, and what to do about it."""

    exit_code = 1

    def __init__(self, what: str, *, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what}\n  mend:  {self.mend}" if self.mend else self.what


class UsageError(RaceError):
    """The question cannot be asked like this; nothing was made."""

    exit_code = 2


class Stopped(BaseException):
    """A signal asks to end: clean up first. Not an Exception, so that nothing swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
