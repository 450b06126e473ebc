"""kubectl.py against the real kubectl, as far as that needs no cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.kubectl import (
    ApplyInterrupted,
    Kubectl,
    _run,
    client_version,
    version_number,
)
from seedcore_deploy.kubectl_errors import RenderFailed

SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  ports:
  - port: 80
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def program(folder: Path, script: str) -> Path:
    path = write(folder / "kubectl", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write(tmp_path / "base/kustomization.yaml", "resources:\n- svc.yaml\n")
    write(tmp_path / "base/svc.yaml", SERVICE)
    return tmp_path / "base"


@pytest.fixture
def overlay(tmp_path: Path, base: Path) -> Path:
    write(tmp_path / "overlays/dev/kustomization.yaml", "resources:\n- ../../base\n")
    return tmp_path / "overlays/dev"


@pytest.mark.parametrize(
    ("git_version", "number"),
    [("v1.32.4-dispatcher", (1, 32)), ("v1.27.0", (1, 27)), ("1.30+", (1, 30)), ("unknown", ())],
)
def test_version_number_ignores_what_vendors_append(
    git_version: str, number: tuple[int, ...]
) -> None:
    assert version_number(git_version) == number


@pytest.mark.parametrize("answer", ["", "not json", "[]", "{}", '{"clientVersion": null}'])
def test_unreadable_version_answer_is_no_version(answer: str) -> None:
    assert client_version(answer) is None


def test_missing_kubectl_is_a_usage_error_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match="kubectl was not found") as refused:
        Kubectl.find()

    assert "install kubectl 1.27 or newer" in refused.value.mend


def test_kubectl_that_is_too_old_is_refused_with_the_version_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, """echo '{"clientVersion": {"gitVersion": "v1.19.3"}}'""")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(UsageError, match=r"is v1\.19\.3; 1\.27 or newer is needed"):
        Kubectl.find()


def test_kubectl_that_tells_no_version_could_not_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "echo nonsense; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(CouldNotLook, match="does not tell its version"):
        Kubectl.find()


def test_prefix_reaches_the_same_cluster_again() -> None:
    kubectl = Kubectl("/opt/kubectl", "v1.32.4", "my.kubeconfig", "dev", "seedcore-dev")

    assert kubectl.prefix == ("kubectl", "--kubeconfig", "my.kubeconfig", "--context", "dev")


def test_render_of_a_plain_tree_needs_no_lifted_restriction(overlay: Path) -> None:
    render = Kubectl.find().kustomize(overlay)

    assert "kind: Service" in render.text
    assert not render.restricted


def test_env_file_outside_of_the_base_is_rendered_without_the_load_restrictor(
    tmp_path: Path, base: Path, overlay: Path
) -> None:
    write(tmp_path / "docker/.env", "RAY_HOST=seedcore-head-svc\n")
    generator = "configMapGenerator:\n- name: seedcore-env\n  envs:\n  - ../docker/.env\n"
    write(base / "kustomization.yaml", f"resources:\n- svc.yaml\n{generator}")

    render = Kubectl.find().kustomize(overlay)

    assert "RAY_HOST: seedcore-head-svc" in render.text
    assert render.restricted


def test_yaml_error_in_a_resource_names_file_and_line(base: Path, overlay: Path) -> None:
    write(base / "svc.yaml", SERVICE.replace("port: 80", "port: [80"))

    with pytest.raises(RenderFailed, match=r"base/svc\.yaml, line 8") as refused:
        Kubectl.find().kustomize(overlay)

    assert refused.value.file == base / "svc.yaml"


def test_yaml_error_in_the_kustomization_names_file_and_line(overlay: Path) -> None:
    write(overlay / "kustomization.yaml", "resources:\n- ../../base\n patches: []\n")

    with pytest.raises(RenderFailed, match=r"overlays/dev/kustomization\.yaml, line 3"):
        Kubectl.find().kustomize(overlay)


def test_unknown_field_of_a_kustomization_is_named(overlay: Path) -> None:
    write(overlay / "kustomization.yaml", "resorces:\n- ../../base\n")

    with pytest.raises(RenderFailed, match=r'kustomization\.yaml: unknown field "resorces"'):
        Kubectl.find().kustomize(overlay)


def test_missing_resource_is_named_with_the_file_that_names_it(overlay: Path) -> None:
    write(overlay / "kustomization.yaml", "resources:\n- ../../base\n- gone.yaml\n")

    with pytest.raises(RenderFailed, match=r"kustomization\.yaml names gone\.yaml, which does not"):
        Kubectl.find().kustomize(overlay)


def test_unparsable_patch_is_named(overlay: Path) -> None:
    write(overlay / "kustomization.yaml", "resources:\n- ../../base\npatches:\n- path: p.yaml\n")
    write(overlay / "p.yaml", "a: [\n")

    with pytest.raises(RenderFailed, match=r"dev/p\.yaml, line 2"):
        Kubectl.find().kustomize(overlay)


@pytest.mark.parametrize(
    ("source", "field", "mend"),
    [
        ("{kind: Service}", "metadata.labels.gone", "add it to the target"),
        ("{kind: RayCluster}", "metadata.name", "there is no such object"),
        ("{kind: ConfigMap}", "metadata.name", "only one may be meant"),
    ],
    ids=["missing target", "missing source", "two sources"],
)
def test_replacement_that_does_not_fit_says_how_to_mend_it(
    overlay: Path, source: str, field: str, mend: str
) -> None:
    two = "".join(f"- name: {name}\n  literals: [A=1]\n" for name in ("one", "two"))
    target = f"{{select: {{kind: Service}}, fieldPaths: [{field}]}}"
    replacement = f"- source: {source}\n  targets: [{target}]\n"
    text = f"resources:\n- ../../base\nconfigMapGenerator:\n{two}replacements:\n{replacement}"
    write(overlay / "kustomization.yaml", text)

    with pytest.raises(RenderFailed) as refused:
        Kubectl.find().kustomize(overlay)

    assert mend in refused.value.mend


def test_remote_base_that_cannot_be_fetched_is_could_not_look(overlay: Path) -> None:
    remote = "https://bases.invalid/ray.git?ref=v1"
    write(overlay / "kustomization.yaml", f"resources:\n- ../../base\n- {remote}\n")

    with pytest.raises(CouldNotLook, match=r"needs https://bases\.invalid/ray\.git\?ref=v1") as no:
        Kubectl.find().kustomize(overlay)

    assert "go online" in no.value.mend


def test_remote_base_that_is_silent_is_named_in_bounded_time(
    tmp_path: Path, overlay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = "https://bases.invalid/ray.git?ref=v1"
    write(overlay / "kustomization.yaml", f"resources:\n- ../../base\n- {remote}\n")
    monkeypatch.setattr("seedcore_deploy.kubectl.RENDER_TIMEOUT_S", 0.1)
    silent = program(tmp_path, "sleep 30")

    with pytest.raises(CouldNotLook, match=r"needs https://bases\.invalid/ray\.git") as no:
        Kubectl(str(silent), "v1.32.4").kustomize(overlay)

    assert "did not end within" in no.value.what
    assert "go online" in no.value.mend


def test_apply_with_an_unknown_context_is_a_usage_error(tmp_path: Path) -> None:
    config = write(tmp_path / "config", "apiVersion: v1\nkind: Config\n")
    kubectl = Kubectl(Kubectl.find().program, "", str(config), "nowhere", "seedcore-dev")

    with pytest.raises(CouldNotLook, match="nowhere") as refused:
        kubectl.apply_documents("", "client")

    assert refused.value.exit_code == UsageError.exit_code


def test_stdin_is_not_inherited(tmp_path: Path) -> None:
    cat = program(tmp_path, "cat; echo end")

    assert _run(str(cat), (), 10).stdout == "end\n"


def test_a_timeout_ends_the_program_and_what_it_started(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    sleeper = program(tmp_path, f"(sleep 2; touch {alive}) & wait")
    began = time.monotonic()

    with pytest.raises(CouldNotLook, match="did not end within 0 s"):
        _run(str(sleeper), ("apply",), 0.2)

    assert time.monotonic() - began < 2
    assert not alive.exists()


def test_output_that_is_no_utf8_is_decoded_all_the_same(tmp_path: Path) -> None:
    odd = program(tmp_path, r"printf 'caf\351\n'")

    assert _run(str(odd), (), 10).stdout == "caf\N{REPLACEMENT CHARACTER}\n"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as at a terminal; a program that a script starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupted_apply_tells_what_had_been_applied(tmp_path: Path) -> None:
    # Once it has read all of its stdin, nobody is about to start it any more.
    said = f"echo configmap/seedcore-env created; touch {tmp_path}/said"
    slow = program(tmp_path, f"cat > /dev/null; {said}; sleep 9")
    threading.Thread(target=_interrupt_once, args=(tmp_path / "said",)).start()

    with pytest.raises(ApplyInterrupted) as cut:
        Kubectl(str(slow), "v1.32.4").apply_documents("kind: List\n")

    assert cut.value.applied == ("configmap/seedcore-env created",)


def _interrupt_once(file: Path) -> None:
    while not file.exists():
        os.sched_yield()
    os.kill(os.getpid(), signal.SIGINT)


CREATED = "@@ -0,0 +1,4 @@\\n+apiVersion: v1\\n+kind: Service\\n+metadata:\\n+  name: api\\n"


@pytest.mark.parametrize(("script", "found"), [("exit 0", 0), (f"printf '{CREATED}'; exit 1", 1)])
def test_diff_tells_the_objects_that_apply_would_change(
    tmp_path: Path, script: str, found: int
) -> None:
    kubectl = Kubectl(str(program(tmp_path, script)), "v1.32.4")

    assert len(kubectl.diff_documents(SERVICE)) == found


@pytest.mark.parametrize(
    "script", ["exit 1", "echo forbidden >&2; exit 2", f"printf '{CREATED}'; exit 3"]
)
def test_diff_that_failed_is_no_difference(tmp_path: Path, script: str) -> None:
    kubectl = Kubectl(str(program(tmp_path, script)), "v1.32.4")

    with pytest.raises(CouldNotLook, match="could not compare"):
        kubectl.diff_documents(SERVICE)


def test_diff_uses_the_plain_program_whatever_the_person_has_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output is read by us; colors or a viewer would be in the way."""
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", "colordiff -N -u")
    written = tmp_path / "with"
    script = f'echo "$KUBECTL_EXTERNAL_DIFF" > {written}; cat > /dev/null'

    Kubectl(str(program(tmp_path, script)), "v1.32.4").diff_documents(SERVICE)

    assert written.read_text().split()[0] == "diff"
