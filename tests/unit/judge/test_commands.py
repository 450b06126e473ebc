"""Commands are runnable as they stand, whatever the values hold."""

import json
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from seedcore_deploy.judge.carriers import carriers
from seedcore_deploy.judge.commands import Shell, until
from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.snapshot import Target
from tests.support import snapshots as s
from tests.support.faults.catalogue import FAULTS, Fault

HERE = Target("c", "ns", kubectl=("kubectl", "--kubeconfig", "/a b/config", "-n", "ns"))
SHELL = Shell(HERE)


def words(command: str) -> list[str]:
    return shlex.split(command)[5:]


def patch_of(command: str) -> list[dict[str, object]]:
    operations: list[dict[str, object]] = json.loads(words(command)[-1])
    return operations


@pytest.mark.parametrize("text", ["it's", 'a "b" c', "$(reboot)", "a\nb", "`x`", "ünï", "--x"])
def test_values_reach_kubectl_as_they_are(text: str, tmp_path: Path) -> None:
    fake = tmp_path / "kubectl"
    fake.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    fake.chmod(0o755)
    shell = Shell(replace(HERE, kubectl=(str(fake),)))

    command = shell.create_configmap("name", {"KEY": text})
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)

    assert done.stdout.split("\0")[:-1] == ["create", "configmap", "name",
                                            f"--from-literal=KEY={text}"]  # fmt: skip


def test_prefix_is_kept_and_quoted() -> None:
    assert SHELL.kubectl("get", "pods").startswith("kubectl --kubeconfig '/a b/config' -n ns get")


def test_odd_keys_are_escaped_in_the_pointer() -> None:
    (operation,) = patch_of(SHELL.remove_key("c", "a/b~c"))

    assert operation == {"op": "remove", "path": "/data/a~1b~0c"}


def test_removal_of_an_entry_tests_what_it_hits_and_goes_from_the_back() -> None:
    cluster = s.raycluster()
    twice = (s.literal("RAY_ADDRESS", "a"), s.literal("X", "x"), s.literal("RAY_ADDRESS", "b"))
    group = replace(
        cluster.groups[1], template=s.with_container(cluster.groups[1].template, env=twice)
    )
    (worker,) = (
        each
        for each in carriers(Contract(), [replace(cluster, groups=(cluster.groups[0], group))], [])
        if each.role is Role.WORKER
    )

    operations = patch_of(SHELL.remove_entries(worker, ("RAY_ADDRESS",)))

    base = "/spec/workerGroupSpecs/0/template/spec/containers/0"
    assert operations[0] == {
        "op": "test", "path": "/spec/workerGroupSpecs/0/groupName", "value": "workers",
    }  # fmt: skip
    assert operations[1] == {"op": "test", "path": f"{base}/name", "value": "ray-worker"}
    removed = [each["path"] for each in operations if each["op"] == "remove"]
    assert removed == [f"{base}/env/2", f"{base}/env/0"]


def test_workload_that_cannot_be_rolled_out_gets_no_such_command() -> None:
    assert SHELL.restart(Subject("Job", "x")) == ()


def test_loop_ends_when_the_condition_holds(tmp_path: Path) -> None:
    marker = tmp_path / "there"
    marker.touch()

    done = subprocess.run(["sh", "-c", until(f"[ -e {marker} ]", "never")], timeout=10)

    assert done.returncode == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_every_command_is_valid_shell(fault: Fault, shell: str) -> None:
    program = shutil.which(shell)
    assert program

    for finding in judge(fault.make()).findings:
        for command in finding.fix.commands:
            assert "\n" not in command
            done = subprocess.run([program, "-n", "-c", command], capture_output=True)
            assert done.returncode == 0, command


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_command_names_the_cluster(fault: Fault) -> None:
    for finding in judge(fault.make()).findings:
        for command in finding.fix.commands:
            assert command.count("kubectl --context kind-seedcore -n seedcore-dev ") == (
                command.count("kubectl ")
            )


def commands(name: str) -> list[str]:
    fault = next(each for each in FAULTS if each.name == name)
    (finding,) = judge(fault.make()).findings
    prefix = "kubectl --context kind-seedcore -n seedcore-dev "
    return [each.removeprefix(prefix) for each in finding.fix.commands]


def test_overlay_is_applied_and_only_stale_readers_restart() -> None:
    assert commands("client ConfigMap deleted") == [
        f"apply -k {s.OVERLAY}",
        "rollout restart deployment/seedcore-api",
        "rollout status deployment/seedcore-api --timeout=300s",
    ]


def test_key_that_apply_would_leave_is_removed() -> None:
    assert commands("RAY_ADDRESS shared") == [
        (
            "patch configmap seedcore-env --type=json "
            """-p '[{"op": "remove", "path": "/data/RAY_ADDRESS"}]'"""
        )
    ]


def test_head_is_replaced_after_its_template_and_everybody_is_awaited() -> None:
    first, second, *waits = commands("RAY_ADDRESS of the head")

    assert first.startswith("patch raycluster seedcore --type=json")
    assert second == f"delete pod {s.HEAD} --ignore-not-found --wait=true"
    assert len(waits) == 2


def test_pod_that_lacks_the_removed_entry_is_left_alone() -> None:
    (only,) = commands("RAY_ADDRESS of the workers")

    assert only.startswith("patch raycluster")


def test_without_the_overlay_the_configmap_is_made_of_what_is_known() -> None:
    fault = next(each for each in FAULTS if each.name == "client ConfigMap deleted")

    (finding,) = judge(s.without_manifests(fault.make())).findings

    created = shlex.split(finding.fix.commands[0])
    assert "--from-literal=RAY_ADDRESS=ray://seedcore-head-svc:10001" in created
    assert "--from-literal=RAY_NAMESPACE=seedcore-dev" in created
    assert finding.fix.commands[1].endswith("rollout restart deployment/seedcore-api")


def test_without_the_overlay_a_wrong_key_is_patched() -> None:
    fault = next(each for each in FAULTS if each.name == "wrong head service")

    (finding,) = judge(s.without_manifests(fault.make())).findings

    patched = json.loads(shlex.split(finding.fix.commands[0])[-1])
    assert patched == {"data": {"RAY_ADDRESS": "ray://seedcore-head-svc:10001"}}


def test_ray_namespace_is_taken_from_a_client_that_still_has_its_settings() -> None:
    fault = next(each for each in FAULTS if each.name == "client ConfigMap deleted")
    broken = s.with_key(s.without_manifests(fault.make()), "seedcore-env", RAY_NAMESPACE="shared")
    for pod in (s.HEAD, s.WORKER, s.API):
        broken = s.with_environment(broken, pod, RAY_NAMESPACE="shared")

    (finding,) = judge(broken).findings

    assert "--from-literal=RAY_NAMESPACE=seedcore-dev" in shlex.split(finding.fix.commands[0])
