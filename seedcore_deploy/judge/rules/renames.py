"""SC205: a ConfigMap was renamed, and not everything that names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.claims import (
    Claim,
    configmap_of,
    effects,
    entry_of,
    lack_of,
    presence_of,
)
from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.judge.mends import apply_overlay, replace_ray_pods, shell
from seedcore_deploy.judge.renames import Rename, renames
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.rules.references import followers, settled_readers
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject


def renamed_configmaps(facts: Facts) -> Iterable[Claim]:
    """SC205: templates, or the contract, name a ConfigMap that stands there under another name.

    Renames of one origin (a nameSuffix, a generator's hash) are one finding.
    """
    found = renames(facts)
    for source in dict.fromkeys(each.source for each in found):
        yield _claim(facts, [each for each in found if each.source == source])


def _claim(facts: Facts, found: Sequence[Rename]) -> Claim:
    first = next((each for each in found if each.in_vain), found[0])
    vain = [str(carrier.subject) for each in found for carrier in each.in_vain]
    moved = ", ".join(f"configmap/{each.name} is configmap/{each.now}" for each in found)
    if vain:
        who = ", ".join(dict.fromkeys(vain))
        summary = f"it is {first.now} now, still named by {who}"
        because = f"{moved}; the reference of {who} was not rewritten{_kustomize(first)}"
    else:
        summary = f"the contract names it, and its readers have {first.now}"
        because = (
            f"{moved}, and all that read it name it so: they get their settings, but the rules "
            f"about head, workers and clients go by the names of ray-contract.toml"
        )
    finding = Finding(
        rule="SC205",
        severity=Severity.ERROR,
        subject=Subject("ConfigMap", first.name),
        summary=summary,
        expected=f"configmap/{first.name}, as the references and ray-contract.toml have it",
        actual=f"configmap/{first.now}",
        because=because,
        fix=_fix(facts, found, first),
    )
    return Claim(finding, frozenset(), _followed(facts, found))


def _kustomize(rename: Rename) -> str:
    if not any(carrier.group is not None for carrier in rename.in_vain):
        return ""
    return ": kustomize rewrites none inside a custom resource such as RayCluster"


def _fix(facts: Facts, found: Sequence[Rename], first: Rename) -> Fix:
    planned = {each.name for each in facts.manifests.configmaps} if facts.manifests else set()
    if shell(facts).apply() and all(each.name in planned for each in found):
        return apply_overlay(facts, *_after(facts, found))
    again = f", then: seedcore-deploy apply {facts.namespace}".rstrip()
    if first.hashed:
        away = "set generatorOptions: {disableNameSuffixHash: true} in the kustomization"
    else:
        affixes = " and ".join(
            f"{what} {text}"
            for what, text in zip(("namePrefix", "nameSuffix"), first.affixes, strict=True)
            if text
        )
        away = f"take {affixes} out of the kustomization, or give configmap/{first.name} its name"
    if facts.rendered:
        again = ""
    kept = _names_kept(facts, found)
    if first.in_vain:
        kept = (
            f"let the references follow (replacements, or a patch of configMapRef to "
            f"{first.now})" + (f", and {kept}" if kept else "")
        )
    return Fix(f"{away}{again}; or {kept}" if kept and not first.hashed else f"{away}{again}")


def _names_kept(facts: Facts, found: Sequence[Rename]) -> str:
    """What ray-contract.toml must say for the new names to stay."""
    contract = facts.contract
    keys = {contract.shared_configmap: "shared", contract.client_configmap: "client"}
    lines = [f'{keys[each.name]} = "{each.now}"' for each in found if each.name in keys]
    return f"say {', '.join(lines)} under [configmaps] in ray-contract.toml" if lines else ""


def _after(facts: Facts, found: Sequence[Rename]) -> Iterable[str]:
    """Readers of the old name are settled; what the overlay moves to it rolls out."""
    for rename in found:
        yield from settled_readers(facts, rename.name)
        for carrier in rename.readers:
            if carrier.group is None:
                yield from shell(facts).rolled_out(carrier.subject)
            else:
                yield from replace_ray_pods(facts, facts.made_by(carrier))


def _followed(facts: Facts, found: Sequence[Rename]) -> frozenset[str]:
    followed = effects(presence_of("all"))
    for rename in found:
        followed |= followers(facts, rename.name)
        followed |= effects(configmap_of(rename.name), configmap_of(rename.now))
        for carrier in facts.carriers:
            followed |= effects(
                lack_of(carrier.subject, rename.name),
                entry_of(carrier.subject, f"envFrom {rename.name}"),
                entry_of(carrier.subject, f"envFrom {rename.now}"),
            )
    return followed


RULES = (Rule("SC205", "a ConfigMap was renamed", renamed_configmaps, offline=True),)
