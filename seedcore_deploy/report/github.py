"""What lint says, as annotations of a pull request: the workflow commands of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator

from seedcore_deploy.model.lint import LintReport
from seedcore_deploy.model.source import Position
from seedcore_deploy.report.lint_table import summary
from seedcore_deploy.report.text import safe


def render(report: LintReport) -> str:
    """A line for each finding and gap, and the outcome as plain text."""
    return "".join(f"{line}\n" for line in (*_lines(report), safe(summary(report))))


def _lines(report: LintReport) -> Iterator[str]:
    for each in report.findings:
        said = each.finding
        text = f"{said.subject}: {said.summary}\nbecause: {said.because}\nmend: {said.fix.text}"
        yield _command("error" if each.is_error else "notice", each.at, said.rule, text)
    for gap in report.gaps:
        yield _command("warning", gap.at, "could not look", f"{gap.why}\nmend: {gap.mend}")


def _command(level: str, at: Position, title: str, text: str) -> str:
    place = f"file={_property(at.file)},line={at.line},col={at.column},title={_property(title)}"
    lines = (_data(safe(line)) for line in text.split("\n"))
    return f"::{level} {place}::{'%0A'.join(lines)}"


def _data(text: str) -> str:
    """Escaped as the runner reads it back (actions/toolkit, core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")
