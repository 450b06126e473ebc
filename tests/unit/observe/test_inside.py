"""What is asked of a container beside what is about Ray."""

from dataclasses import replace

from seedcore_deploy.model.snapshot import (
    ContainerSpec,
    EnvEntry,
    EnvFromEntry,
    EnvSource,
    PodFacts,
    PodTemplate,
)
from seedcore_deploy.observe.inside import other_variables
from tests.support import snapshots as s

SETTINGS = {"app": s.configmap("app", {"LOG_LEVEL": "INFO", "RAY_HOST": "x"})}
SECRET = EnvFromEntry("credentials", secret=True)


def pod(*env_from: EnvFromEntry, env: tuple[EnvEntry, ...] = ()) -> PodFacts:
    container = ContainerSpec("api", "image", env=env, env_from=env_from)
    given = s.pod_of(s.healthy(), s.API)
    return replace(given, template=PodTemplate((container,)), container="api")


def asked(*env_from: EnvFromEntry, env: tuple[EnvEntry, ...] = ()) -> frozenset[str]:
    return other_variables(pod(*env_from, env=env), SETTINGS)


def test_what_a_configmap_gives_is_asked_for() -> None:
    assert asked(EnvFromEntry("app")) == {"LOG_LEVEL"}
    assert asked(EnvFromEntry("app", prefix="APP_")) == {"APP_LOG_LEVEL", "APP_RAY_HOST"}
    by_key = EnvEntry("LEVEL", EnvSource.CONFIGMAP_KEY, ref_name="app", ref_key="LOG_LEVEL")
    assert asked(env=(by_key,)) == {"LEVEL"}


def test_nothing_is_asked_that_a_secret_may_have_set() -> None:
    of_secret = EnvEntry("LOG_LEVEL", EnvSource.SECRET_KEY, ref_name="credentials", ref_key="x")

    assert asked(EnvFromEntry("app"), SECRET) == frozenset()
    assert asked(EnvFromEntry("app"), env=(of_secret,)) == frozenset()
    assert asked(SECRET, EnvFromEntry("app")) == {"LOG_LEVEL"}


def test_a_configmap_that_was_not_seen_gives_no_names() -> None:
    assert asked(EnvFromEntry("elsewhere")) == frozenset()
