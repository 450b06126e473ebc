"""Pods whose containers tell the environment that they got, made up at random.

Whatever the API server would refuse, or the kubelet would not start, is not made: a name has no
`=`, a reference to nothing is optional, a request for CPU would wait for a free node.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

Json: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

IMAGE = "localhost/seedcore-client:0.1.0"
LABEL = "seedcore.test/batch"
SECRET = {
    **dict.fromkeys(("RAY_HOST", "RAY_ADDRESS", "RAY_IP", "RAY_X", "X"), "of the secret"),
    "k": "$(RAY_HOST)",
}
SERVICES: tuple[tuple[str, Json], ...] = (
    ("ray", {"ports": [{"port": 6379, "name": "gcs"}, {"port": 10001, "name": "ray-client"}]}),
    ("head-svc", {"ports": [{"port": 53, "protocol": "UDP"}]}),
    ("headless", {"clusterIP": "None", "ports": [{"port": 8265}]}),
)

_MISSING = "gone"
_SHOWN = tuple(
    "RAY_ADDRESS RAY_HOST RAY_IP RAY_NAMESPACE RAY_CLUSTER_NAME RAY_AUTH_MODE FQ_RAY_IP "
    "RAY_SERVE_ADDRESS RAY_DASHBOARD_ADDRESS RAY_NODE_TYPE_NAME RAY_CLIENT_PORT".split()
)
_HIDDEN = ("RAY_X", "RAY_TOKEN", "a.b", "a-b", "odd name %", "1")
_LINKS = ("KUBERNETES_PORT", "RAY_SERVICE_HOST", "HEAD_SVC_PORT_53_UDP_PROTO", "HEADLESS_PORT")
_TAKEN = ("PATH", "KUBERNETES_SERVICE_HOST", "RAY_PORT")  # by the image, and by links
_NAMES = (*_SHOWN * 2, *_HIDDEN, *_TAKEN)
_KEYS = (*_SHOWN[:6], "RAY_X", "HOST", "X", "IP", "a.b", "a-b", "-", "KUBERNETES_SERVICE_HOST")
_PREFIXES = ("", "", "RAY_", "P.", "odd %", "$(")
_PLAIN = ("x", "ray://head:10001", "a b", "é€", "'\"", "=", "$", "$x", "(", ")", "$(", "%", "  ")
_ESCAPED = ("\n", "\t", "\\", r"\n", "***", "u:p@h", "?q=1", "#", "\x1b")
_REFERRED = (*_NAMES, *_LINKS, "NO_SUCH", "", "a b")
_REFERENCES = ("$({})", "$({})", "$({})", "$$({})", "$$$({})", "$({}", "$$", "$ ({})", "$($({}))")
_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.labels['x']",
    "metadata.labels['x.io/y']",
    "metadata.labels['gone']",
    "metadata.annotations['x']",
    "metadata.annotations['Upper.io/X']",
    "metadata.annotations['gone']",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.podIP",
    "status.podIPs",
    "status.hostIP",
    "status.hostIPs",
)
_BYTES = ("1", "1k", "1M", "1Ki", "1Mi", "1Gi")
_DIVISORS = {"cpu": ("1", "1m"), "memory": _BYTES, "ephemeral-storage": _BYTES}
# A limit without a request would be one, and no CPU may be asked for.
_RESOURCES: tuple[Json, ...] = (
    {},
    {"limits": {"cpu": "1500m", "memory": "256Mi"}, "requests": {"cpu": "0", "memory": "3145729"}},
    {"limits": {"cpu": "0.75", "ephemeral-storage": "1.5G"}, "requests": {"cpu": "0"}},
    {"limits": {"cpu": "0", "memory": "0"}, "requests": {"memory": "0"}},
    {"requests": {"memory": "5e6", "ephemeral-storage": "1500k"}},
    {"limits": {"cpu": "2", "memory": "300000001"}, "requests": {"cpu": "0", "memory": "1Mi"}},
)
_PODS, _CONTAINERS = (3, 4, 5), 8
_PART = ("plain",) * 2 + ("expanded",) * 3 + ("reference",) * 2 + ("escaped",)
_KIND = ("literal",) * 8 + ("key",) * 3 + ("no key", "no map", "secret") + ("field", "resource") * 2
_SOURCE = ("one", "two", "three", "one", "two", "two", _MISSING, "secret")


@dataclass(frozen=True, slots=True)
class Batch:
    """Pods that are run together, with the ConfigMaps that they refer to."""

    configmaps: Mapping[str, Mapping[str, str]]
    pods: Sequence[Json]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How hypothesis shows it: a failing test says itself what matters of it."""
        printer.text(f"<{len(self.pods)} pods>")

    def documents(self, batch: str) -> Iterator[Json]:
        """Every object, named so that it is of this batch only: the kubelet keeps what it read."""
        for name, data in self.configmaps.items():
            binary = {"BINARY": base64.b64encode(b"\0\xff").decode()} if name == "two" else {}
            own = {"name": f"{batch}-{name}"}
            yield _object("ConfigMap", own, data=dict(data), binaryData=binary)
        yield _object("Secret", {"name": f"{batch}-secret"}, stringData=SECRET)
        for number, pod in enumerate(self.pods):
            metadata: Json = {
                "name": f"{batch}-{number}",
                "labels": {LABEL: batch, **pod["labels"]},
                "annotations": pod["annotations"],
            }
            yield _object("Pod", metadata, spec=_of_batch(pod["spec"], batch))


def control(name: str, *, links: bool) -> Json:
    """A pod with one container that declares nothing."""
    spec = _spec([_container("c")], links=links)
    return _object("Pod", {"name": name, "labels": {LABEL: "control"}}, spec=spec)


@st.composite
def batches(draw: Draw) -> Batch:
    """About thirty containers of a few pods, which share three ConfigMaps."""
    configmaps = {name: draw(_data()) for name in ("one", "two", "three")}
    return Batch(configmaps, [draw(_pod(configmaps)) for _ in range(draw(st.sampled_from(_PODS)))])


def _data() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(_KEYS), _text(), min_size=4, max_size=7)


@st.composite
def _text(draw: Draw) -> str:
    """Anything that may stand in a value; mostly what an expansion could trip over."""
    parts = []
    for _ in range(draw(st.sampled_from((1, 2, 3, 1, 2, 0)))):
        kind = draw(st.sampled_from(_PART))
        if kind == "expanded":
            parts.append(f"$({draw(st.sampled_from((*_SHOWN, *_LINKS)))})")
        elif kind == "reference":
            form = draw(st.sampled_from(_REFERENCES))
            parts.append(form.format(draw(st.sampled_from(_REFERRED))))
        else:
            parts.append(draw(st.sampled_from(_PLAIN if kind == "plain" else _ESCAPED)))
    return "".join(parts)


@st.composite
def _pod(draw: Draw, configmaps: Mapping[str, Mapping[str, str]]) -> Json:
    names = [f"c{number}" for number in range(_CONTAINERS)]
    before = _container("before", resources=draw(st.sampled_from(_RESOURCES)))
    entries, sources = _entry(configmaps, (*names, "before")), _source()
    containers = [
        _container(
            name,
            env=[draw(entries) for _ in range(draw(st.integers(6, 14)))],
            envFrom=[draw(sources) for _ in range(draw(st.sampled_from((1, 2, 3, 4, 2, 0))))],
            resources=draw(st.sampled_from(_RESOURCES)),
        )
        for name in names
    ]
    spec = _spec(containers, links=draw(st.booleans()), initContainers=[before])
    return {
        "spec": spec,
        "labels": {"x": draw(st.sampled_from(("y", "", "a.b_c"))), "x.io/y": "z"},
        "annotations": {"x": draw(_text()), "Upper.io/X": draw(_text())},
    }


@st.composite
def _source(draw: Draw) -> Json:
    name = draw(st.sampled_from(_SOURCE))
    reference = {"name": name, "optional": name == _MISSING or draw(st.booleans())}
    kind = "secretRef" if name == "secret" else "configMapRef"
    return {kind: reference, "prefix": draw(st.sampled_from(_PREFIXES))}


@st.composite
def _entry(
    draw: Draw, configmaps: Mapping[str, Mapping[str, str]], containers: Sequence[str]
) -> Json:
    name, kind = draw(st.sampled_from(_NAMES)), draw(st.sampled_from(_KIND))
    if kind == "literal":
        return {"name": name, "value": draw(_text())}
    return {"name": name, "valueFrom": draw(_value_from(kind, configmaps, containers))}


@st.composite
def _value_from(
    draw: Draw,
    kind: str,
    configmaps: Mapping[str, Mapping[str, str]],
    containers: Sequence[str],
) -> Json:
    if kind == "field":
        return {"fieldRef": {"fieldPath": draw(st.sampled_from(_FIELDS))}}
    if kind == "resource":
        resource = draw(st.sampled_from(sorted(_DIVISORS)))
        reference = {"resource": f"{draw(st.sampled_from(('limits', 'requests')))}.{resource}"}
        if draw(st.booleans()):
            reference["containerName"] = draw(st.sampled_from(containers))
        if draw(st.booleans()):
            reference["divisor"] = draw(st.sampled_from(_DIVISORS[resource]))
        return {"resourceFieldRef": reference}
    if kind == "secret":
        key = draw(st.sampled_from((*SECRET, "no-such-key")))
        return {"secretKeyRef": {"name": "secret", "key": key, "optional": key not in SECRET}}
    if kind == "no map":
        return {"configMapKeyRef": {"name": _MISSING, "key": "RAY_HOST", "optional": True}}
    if kind == "no key":
        key = draw(st.sampled_from(("no-such-key", "BINARY")))
        return {"configMapKeyRef": {"name": "two", "key": key, "optional": True}}
    configmap = draw(st.sampled_from(sorted(configmaps)))
    key = draw(st.sampled_from(sorted(configmaps[configmap])))
    return {"configMapKeyRef": {"name": configmap, "key": key, "optional": draw(st.booleans())}}


def _container(name: str, **fields: Any) -> Json:
    # No shell: it would drop the names that it cannot have as variables.
    command = ["/usr/bin/base64", "/proc/self/environ"]
    own = {"name": name, "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": command}
    return {**own, **fields}


def _spec(containers: Sequence[Json], *, links: bool, **fields: Any) -> Json:
    return {
        "containers": list(containers),
        "enableServiceLinks": links,
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        **fields,
    }


def _object(kind: str, metadata: Json, **fields: Any) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


def _of_batch(node: Any, batch: str) -> Any:
    """The spec with every reference to an object turned to the batch's own."""
    if isinstance(node, list):
        return [_of_batch(each, batch) for each in node]
    if not isinstance(node, dict):
        return node
    kinds = {"configMapRef", "secretRef", "configMapKeyRef", "secretKeyRef"}
    return {
        key: {**value, "name": f"{batch}-{value['name']}"}
        if key in kinds
        else _of_batch(value, batch)
        for key, value in node.items()
    }
