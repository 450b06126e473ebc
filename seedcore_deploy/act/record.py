"""What was applied, when and with what verdict: an annotation and an Event on the RayCluster, or
on the RayService in its place.

The annotation is no part of what is sent with `kubectl apply`, so it is in no last-applied
configuration: no apply removes it and no diff shows it. Metadata is not in the generation, so
KubeRay restarts nothing for it. It copies a RayService's annotations onto each RayCluster that it
makes: the record there is of that moment, and the RayService has the one that counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from seedcore_deploy.kube.client import Connection
from seedcore_deploy.kube.errors import ApiError, NotFound
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.sources.git import Commit

ANNOTATION = "seedcore.dev/applied"
UNFINISHED = "unfinished"
"""The verdict of a run that is still at work, or that was cut short."""

_COMPONENT = "seedcore-deploy"
_MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One apply: overlay, commit (None outside of git), tool version, and the verdict so far."""

    overlay: str
    commit: Commit | None
    tool: str
    verdict: str = UNFINISHED
    at: str = ""

    def annotation(self) -> str:
        """The entry as it stands in the annotation: JSON."""
        return json.dumps(
            {
                "overlay": self.overlay,
                "commit": self.commit.sha if self.commit else "",
                "dirty": self.commit.dirty if self.commit else False,
                "tool": self.tool,
                "at": self.at,
                "verdict": self.verdict,
            }
        )

    def sentence(self) -> str:
        """The entry as an Event says it."""
        commit = f" at {self.commit}" if self.commit else ""
        return f"{_COMPONENT} {self.tool} applied overlay {self.overlay}{commit}: {self.verdict}"


class Record:
    """Writes one run's entry on its RayClusters or RayServices (`objects`).

    What may not be written is a note, once.
    """

    def __init__(
        self,
        connection: Connection,
        namespace: str,
        objects: Sequence[Subject],
        entry: Entry,
        say: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._objects = objects
        self._entry = entry
        self._say = say
        self._noted: set[str] = set()

    def begun(self) -> None:
        """Note that this run is at work: were it cut short, the former verdict would be a lie."""
        self._annotate(self._entry)

    def ended(self, verdict: str, *, well: bool) -> None:
        """Note the verdict, and tell it in an Event (Warning unless all is well)."""
        entry = replace(self._entry, verdict=verdict)
        for uid, subject in self._annotate(entry):
            self._tell(uid, subject, entry, well=well)

    def _annotate(self, entry: Entry) -> list[tuple[str, Subject]]:
        """Those that are there, each with its uid."""
        dated = replace(entry, at=self._now())
        patch = {"metadata": {"annotations": {ANNOTATION: dated.annotation()}}}
        there: list[tuple[str, Subject]] = []
        for subject in self._objects:
            path = f"/apis/ray.io/v1/namespaces/{self._namespace}/{_place(subject)}"
            try:
                found = self._connection.send("PATCH", path, patch, _MERGE, repeatable=True)
            except NotFound:
                continue  # it comes with this very apply
            except ApiError as fault:
                self._note(f"no record was written on {subject}", fault)
                continue
            there.append((str(found["metadata"].get("uid") or ""), subject))
        return there

    def _tell(self, uid: str, subject: Subject, entry: Entry, *, well: bool) -> None:
        now = self._now()
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{subject.name}.seedcore-", "namespace": self._namespace},
            "involvedObject": {
                "apiVersion": "ray.io/v1",
                "kind": subject.kind,
                "name": subject.name,
                "namespace": self._namespace,
                "uid": uid,
            },
            "reason": "Applied",
            "message": entry.sentence(),
            "type": "Normal" if well else "Warning",
            "source": {"component": _COMPONENT},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
        try:
            self._connection.send("POST", f"/api/v1/namespaces/{self._namespace}/events", body)
        except ApiError as fault:
            self._note(f"no Event was made for {subject}", fault)

    def _note(self, what: str, fault: ApiError) -> None:
        if what not in self._noted:
            self._noted.add(what)
            self._say(f"note: {what} ({fault.reason or fault.status})")

    def _now(self) -> str:
        """The API server's clock, as for all other times there."""
        return self._connection.server_time or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(subject: Subject) -> str:
    """Where a RayCluster or RayService stands below its namespace."""
    return f"{subject.kind.lower()}s/{subject.name}"
