"""The last line: the outcome, and what it rests on."""

from __future__ import annotations

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Severity
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome, Verdict
from seedcore_deploy.report.text import count


def outcome_line(verdict: Verdict, snapshot: Snapshot) -> str:
    """One sentence with the outcome first."""
    where = f"{snapshot.target.namespace} in {snapshot.target.context}"
    errors = [each for each in verdict.findings if each.severity is Severity.ERROR]
    hints = len(verdict.findings) - len(errors)
    if verdict.outcome is Outcome.PROVEN:
        return f"PROVEN: {_rests_on(verdict, snapshot)} ({where})" + (
            f"; {count(hints, 'hint')} above" if hints else ""
        )
    if verdict.outcome is Outcome.FINDINGS:
        rules = ", ".join(dict.fromkeys(each.rule for each in errors))
        said = f"WRONG: {count(len(errors), 'finding')} to mend ({rules}) in {where}"
        unseen = len(verdict.gaps)
        return said + (f", and {count(unseen, 'thing')} not shown" if unseen else "")
    number = count(len(verdict.gaps), "thing")
    if verdict.outcome is Outcome.SETTLING:
        return f"SETTLING: {number} not shown yet in {where}; --wait 5m waits it out"
    return f"COULD NOT LOOK: {number} not shown in {where}, so nothing is proven"


def _rests_on(verdict: Verdict, snapshot: Snapshot) -> str:
    serving = [pod for pod in verdict.pods if pod.environment is not Mark.NOT_APPLICABLE]
    proven = [pod.role for pod in serving if pod.proof is Mark.OK]
    clients, workers = proven.count(Role.CLIENT), proven.count(Role.WORKER)
    connected = sum(pod.application is Mark.OK for pod in serving)
    compared = "" if isinstance(snapshot.manifests, Seen) else " (manifests not compared)"
    return (
        f"settings of {count(len(serving), 'pod')} right{compared}, head and "
        f"{count(clients, 'client')} proven in one session, {count(workers, 'worker')} alive "
        f"in it, {count(connected, 'application')} connected"
    )
