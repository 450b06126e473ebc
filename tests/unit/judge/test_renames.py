"""ConfigMaps under another name: what is a rename, what follows, and how it is mended."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge, judge_render
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvFromEntry
from tests.support import snapshots as s
from tests.support.faults.objects import renamed, renamed_everywhere


@pytest.mark.parametrize("now", ["seedcore-env-7b6fhc22gk", "x-seedcore-env", "seedcore-env.b"])
def test_live_rename_is_mended_by_the_overlay_that_has_the_name(now: str) -> None:
    (finding,) = judge(renamed("seedcore-env", now)).findings

    assert (finding.rule, finding.actual) == ("SC205", f"configmap/{now}")
    assert finding.fix.commands[0].endswith(f"apply -k {s.OVERLAY}")
    assert any("RayCluster" in part for part in finding.because.split(": "))


@pytest.mark.parametrize("now", ["myseedcore-env", "seedcore-envs", "other"])
def test_another_name_is_no_rename(now: str) -> None:
    (finding,) = judge(renamed("seedcore-env", now)).findings

    assert finding.rule == "SC201"


def test_configmap_without_settings_of_ray_is_no_rename() -> None:
    broken = s.without_configmap(s.healthy(), "seedcore-env")
    other = s.configmap("seedcore-env-x", {"COLOUR": "blue"})
    assert isinstance(broken.configmaps, Seen)
    broken = replace(broken, configmaps=Seen((*broken.configmaps.value, other)))

    assert "SC201" in {finding.rule for finding in judge(broken).findings}


def test_hash_is_to_be_switched_off() -> None:
    broken = s.without_manifests(renamed("seedcore-env", "seedcore-env-7b6fhc22gk"))

    (finding,) = judge(broken).findings

    assert "disableNameSuffixHash" in finding.fix.text
    assert "ray-contract.toml" not in finding.fix.text


def test_names_that_only_the_contract_lacks_are_named_as_its_settings() -> None:
    (finding,) = judge(renamed_everywhere()).findings

    assert 'shared = "seedcore-env-x", client = "seedcore-client-env-x"' in finding.fix.text
    assert "under [configmaps] in ray-contract.toml" in finding.fix.text


def test_render_with_a_suffix_is_stopped_where_the_raycluster_did_not_follow() -> None:
    planned = s.manifests()
    sources = (EnvFromEntry("seedcore-env-x"), EnvFromEntry("seedcore-client-env-x"))
    planned = replace(
        planned,
        configmaps=tuple(replace(each, name=f"{each.name}-x") for each in planned.configmaps),
        workloads=tuple(
            replace(each, template=s.with_container(each.template, env_from=sources))
            for each in planned.workloads
        ),
    )

    findings = judge_render(planned, Contract())

    assert [(each.rule, str(each.subject)) for each in findings] == [
        ("SC205", "configmap/seedcore-env")
    ]
    assert findings[0].fix.commands == ()
    assert "nameSuffix -x" in findings[0].fix.text
