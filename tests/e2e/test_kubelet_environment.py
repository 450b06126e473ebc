"""Layer 2 is what the kubelet gives: containers at random are run, and tell what they got."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from seedcore_deploy.judge.carriers import evaluated_pod
from seedcore_deploy.judge.environment import Evaluation, Resolved, link_service
from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.disclosure import Discloser, EnvValue
from seedcore_deploy.observe import objects
from seedcore_deploy.observe.pods import PodParser
from tests.support.pod_environments import LABEL, SECRET, SERVICES, Batch, Json, batches, control
from tests.support.tool import Bench

NAMESPACE = "kubelet-env"
BATCHES = 4
DISCLOSER = Discloser(b"a salt of the test")
CONTRACT = Contract(workloads=(WorkloadContract("any", Role.CLIENT, LABEL),))
SETTINGS = settings(
    max_examples=BATCHES,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)

_LINE = re.compile(r"^\[pod/([^/]+)/([^\]]+)\] (.*)$")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A namespace with Services; `baselines` is what containers get unasked, by links or not."""

    bench: Bench
    baselines: dict[bool, Environment] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    batches: Iterator[int] = field(default_factory=count)

    def kubectl(self, *words: str, stdin: str = "") -> str:
        return self.bench.kubectl("-n", NAMESPACE, *words, stdin=stdin)

    def run(self, name: str, *documents: Json) -> dict[tuple[str, str], Environment]:
        """What each container got, by pod and container, once all of them have ended."""
        listed = {"apiVersion": "v1", "kind": "List", "items": documents}
        self.kubectl("create", "-f", "-", stdin=json.dumps(listed))
        mine = ("-l", f"{LABEL}={name}")
        ended = "--for=jsonpath={.status.phase}=Succeeded"
        self.kubectl("wait", "pod", *mine, ended, "--timeout=180s")
        said: dict[tuple[str, str], str] = {}
        logs = self.kubectl("logs", *mine, "--all-containers", "--prefix", "--tail=-1")
        for line in logs.splitlines():
            found = _LINE.match(line)
            assert found, line
            said[found[1], found[2]] = said.get((found[1], found[2]), "") + found[3]
        return {where: environment(text) for where, text in said.items()}

    def items(self, kind: str, *words: str) -> list[Json]:
        found: list[Json] = json.loads(self.kubectl("get", kind, *words, "-o", "json"))["items"]
        return found


def environment(said: str) -> Environment:
    pairs = [each.partition(b"=") for each in base64.b64decode(said).split(b"\0") if each]
    got = {name.decode(): value.decode() for name, _, value in pairs}
    assert len(got) == len(pairs), "a name twice"
    return got


@pytest.fixture(scope="module")
def laboratory(bench: Bench) -> Iterator[Laboratory]:
    def remove() -> None:
        bench.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")

    remove()
    bench.kubectl("create", "namespace", NAMESPACE)
    made = Laboratory(bench)
    services = (
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
        for name, spec in SERVICES
    )
    made.kubectl(
        "create", "-f", "-", stdin="\n---\n".join(json.dumps(service) for service in services)
    )
    made.kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=60s")
    got = made.run("control", control("linked", links=True), control("bare", links=False))
    made.baselines[True], made.baselines[False] = got["linked", "c"], got["bare", "c"]
    yield made
    remove()


def test_only_links_of_a_service_come_unasked(laboratory: Laboratory) -> None:
    linked, bare = laboratory.baselines[True], laboratory.baselines[False]
    services = tuple(name for name, _ in SERVICES)

    added = {name: value for name, value in linked.items() if name not in bare}

    told = {
        name: link_service(name, EnvValue(value, ""), services) for name, value in added.items()
    }
    assert set(told.values()) == {"ray", "head-svc"}, told
    assert all(link_service(name, None, ["kubernetes"]) for name in bare if "KUBERNETES" in name)


def test_evaluation_is_what_containers_get(laboratory: Laboratory) -> None:
    @SETTINGS
    @given(batch=batches())
    def hold(batch: Batch) -> None:
        name = f"b{next(laboratory.batches)}"
        got = laboratory.run(name, *batch.documents(name))
        wrong = [*compared(laboratory, name, got)]
        assert not wrong, f"{len(wrong)} containers\n" + "\n\n".join(wrong[:3])

    hold()

    seen = laboratory.seen
    assert seen["containers"] > 20 * (BATCHES - 1), seen
    assert all(seen[kind] > 15 for kind in ("by digest", "by text", "open")), seen
    assert seen["by digest"] + seen["by text"] > 2 * seen["open"], seen


def compared(
    laboratory: Laboratory, batch: str, got: Mapping[tuple[str, str], Environment]
) -> Iterator[str]:
    """Of each container that got something else: how, and all that one needs to see why."""
    documents = laboratory.items("pods", "-l", f"{LABEL}={batch}")
    uids = frozenset(each["metadata"]["uid"] for each in documents)
    pods = {pod.name: pod for pod in PodParser(CONTRACT, {"any": uids}, DISCLOSER).pods(documents)}
    maps = laboratory.items("configmaps")
    raw = {each["metadata"]["name"]: each.get("data") or {} for each in maps}
    configmaps = {each["metadata"]["name"]: objects.configmap(each, DISCLOSER) for each in maps}
    services = [objects.service(each).name for each in laboratory.items("services")]
    for document in documents:
        pod = pods[document["metadata"]["name"]]
        for container in document["spec"]["containers"]:
            judged = replace(pod, container=container["name"])
            evaluation = evaluated_pod(judged, configmaps, services, complete=True)
            assert evaluation is not None
            linked = document["spec"]["enableServiceLinks"]
            case = Case(
                document,
                container,
                raw,
                got[pod.name, container["name"]],
                {**laboratory.baselines[linked], "HOSTNAME": pod.name},
            )
            laboratory.seen["containers"] += 1
            if faults := [*case.disagreements(evaluation, laboratory.seen)]:
                keys = {key: sorted(data) for key, data in raw.items() if key.startswith(batch)}
                yield "\n".join([json.dumps(container), json.dumps(keys), *faults])


@dataclass(frozen=True, slots=True)
class Case:
    """A container as it was declared, what it got, and what it would have got without `env`."""

    pod: Json
    container: Json
    configmaps: Mapping[str, Environment]
    got: Environment
    baseline: Environment

    def disagreements(self, evaluation: Evaluation, seen: Counter[str]) -> Iterator[str]:
        """What the evaluation says otherwise than the container; nothing may be open needlessly."""
        if evaluation.blocking:
            yield f"it runs, but is evaluated as blocked by {evaluation.blocking}"
        may_be_open = self.may_be_open()
        for name, known in evaluation.variables.items():
            actual = self.got.get(name)
            if known.certain and actual is None:
                yield f"{name!r}: evaluated as set, and is not: {known}"
            how = compared_by(known)
            seen[how] += 1
            if how == "open":
                if name not in may_be_open:
                    yield f"{name!r}: needlessly open: {known}; it is {actual!r}"
            elif actual is not None and not agrees(known, name, actual):
                yield f"{name!r}: evaluated as {known}; it is {actual!r}"
        for name, actual in self.got.items():
            unasked = self.baseline.get(name) == actual
            if not unasked and name not in evaluation.variables and name not in self._of_secrets():
                yield f"{name!r}: evaluated as unset; it is {actual!r}"
        if evaluation.open and not any("secretRef" in each for each in self._sources):
            yield "evaluated as open without a Secret"

    def may_be_open(self) -> Collection[str]:
        """The variables that depend on a Secret, a limit of the node, a link or a hidden text."""
        kept: dict[str, bool | None] = {}  # whether the text is; None: nobody can know the value
        for source in self._sources:
            if "secretRef" in source:
                kept = dict.fromkeys(kept)
                continue
            data = self.configmaps.get(source["configMapRef"]["name"], {})
            prefix = source.get("prefix", "")
            kept |= {prefix + key: is_kept(key, value) for key, value in data.items()}
        for entry in self.container.get("env", []):
            self._enter(entry, kept)
        return {name for name, state in kept.items() if state is None}

    @property
    def _sources(self) -> list[Json]:
        found: list[Json] = self.container.get("envFrom", [])
        return found

    def _of_secrets(self) -> set[str]:
        prefixes = [each.get("prefix", "") for each in self._sources if "secretRef" in each]
        return {prefix + key for prefix in prefixes for key in SECRET}

    def _enter(self, entry: Json, kept: dict[str, bool | None]) -> None:
        name, origin = entry["name"], entry.get("valueFrom", {})
        if "secretKeyRef" in origin:
            kept[name] = None
        elif reference := origin.get("configMapKeyRef"):
            data = self.configmaps.get(reference["name"], {})
            if reference["key"] in data:
                kept[name] = is_kept(reference["key"], data[reference["key"]])
        elif reference := origin.get("resourceFieldRef"):
            kept[name] = None if self._is_of_the_node(reference) else is_kept(name, "1")
        elif reference := origin.get("fieldRef"):
            kept[name] = is_kept(name, self._field(reference["fieldPath"]))
        else:
            kept[name] = self._kept_literal(name, entry.get("value", ""), kept)

    def _kept_literal(self, name: str, value: str, kept: Mapping[str, bool | None]) -> bool | None:
        names = {found[1] for found in _REFERENCE.finditer(value)}  # None: a `$$`
        if not names or not is_kept(name, value):
            return None if names else is_kept(name, value)
        unseen = any("secretRef" in each for each in self._sources)
        linked = (unseen or is_link(each, self.pod) for each in names - {None, *kept})
        return None if any(linked) or not all(kept.get(each, True) for each in names) else True

    def _field(self, path: str) -> str:
        found = re.fullmatch(r"metadata\.annotations\['(.*)'\]", path)
        return str(self.pod["metadata"]["annotations"].get(found[1], "")) if found else ""

    def _is_of_the_node(self, reference: Json) -> bool:
        """Whether it is a limit that is not set: then it is what the node has."""
        kind, _, resource = reference["resource"].partition(".")
        named = reference.get("containerName", self.container["name"])
        spec = self.pod["spec"]
        (meant,) = (
            each for each in spec["containers"] + spec["initContainers"] if each["name"] == named
        )
        limits: Mapping[str, str] = meant.get("resources", {}).get("limits", {})
        return kind == "limits" and limits.get(resource, "0") == "0"


def compared_by(known: Resolved) -> str:
    """In which way the evaluation can be held against a value; "open" where in none."""
    if not known.certain or known.value is None:
        return "open"
    if known.value.digest:
        return "by digest"
    return "open" if known.value.exact is None else "by text"


def agrees(known: Resolved, name: str, actual: str) -> bool:
    assert known.value is not None
    real = DISCLOSER.value(name, actual)
    if known.value.digest and known.value.digest != real.digest:
        return False
    return known.value.exact in {None, actual}


def is_kept(name: str, value: str) -> bool:
    """Whether the whole of the text is kept, by the name it stands under."""
    return DISCLOSER.value(name, value).exact is not None


def is_link(name: str, pod: Json) -> bool:
    services = [name for name, _ in SERVICES] if pod["spec"]["enableServiceLinks"] else []
    return bool(link_service(name, None, ["kubernetes", *services]))
