"""Which failed pulls are lasting. The messages are containerd's, as the kubelet passed them on."""

from __future__ import annotations

import pytest

from seedcore_deploy.judge.image_pull import PULL_RETRIES_S
from seedcore_deploy.model.snapshot import Snapshot
from tests.support import waiting as w

IMAGE = "registry.example.org:5000/seedcore/client:0.1.0"
UNPACK = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '

NOT_FOUND = [
    f"rpc error: code = NotFound desc = {UNPACK}{IMAGE}: not found",
    f"{UNPACK}unexpected status from HEAD request to http://x/v2/y: 404 Not Found",
    f"{UNPACK}no match for platform in manifest: not found",
    "manifest unknown: manifest unknown",
]
NOT_ALLOWED = [
    f"{UNPACK}failed to fetch anonymous token: unexpected status from GET x: 401 Unauthorized",
    f"{UNPACK}pull access denied, repository does not exist or may require authorization",
    f"{UNPACK}server message: insufficient_scope: authorization failed",
    "no basic auth credentials",
    f"{UNPACK}unexpected status from HEAD request to https://x/v2/y: 403 Forbidden",
]
PASSING = [
    f"{UNPACK}failed to do request: dial tcp 127.0.0.1:80: connect: connection refused",
    f"{UNPACK}failed to do request: dial tcp: lookup x on 10.244.0.1:53: server misbehaving",
    f"{UNPACK}failed to do request: dial tcp: lookup x: no such host",
    f"{UNPACK}failed to do request: net/http: TLS handshake timeout",
    f"{UNPACK}unexpected status from HEAD request to http://x/v2/y: 503 Service Unavailable",
    f"{UNPACK}unexpected status code: 429 Too Many Requests - toomanyrequests: rate limit",
    "pull QPS exceeded",
    "something that nobody has met yet",
]


def failed(
    said: str, reason: str = "ErrImagePull", image: str = IMAGE, created: float = 5
) -> Snapshot:
    return w.held_up(w.waiting(reason, said, image=image), created=created)


@pytest.mark.parametrize("said", NOT_FOUND)
def test_image_that_is_not_found_is_doomed_at_once(said: str) -> None:
    (reason,) = w.reasons(failed(said))

    assert "was not found" in reason
    assert IMAGE in reason


@pytest.mark.parametrize("said", NOT_ALLOWED)
def test_image_that_may_not_be_pulled_is_doomed_at_once(said: str) -> None:
    (doom,) = w.doomed(failed(said))

    assert "may not be pulled" in doom.reason
    assert "imagePullSecret" in doom.mend


@pytest.mark.parametrize("said", PASSING)
def test_registry_that_does_not_answer_is_doomed_only_later(said: str) -> None:
    assert w.reasons(failed(said)) == []
    assert w.reasons(failed(said, created=PULL_RETRIES_S - 1)) == []

    (reason,) = w.reasons(failed(said, created=PULL_RETRIES_S))

    assert said in reason


def test_invalid_name_is_doomed_at_once() -> None:
    (reason,) = w.reasons(failed("couldn't parse image name", "InvalidImageName", "Not_Valid::1"))

    assert "Not_Valid::1 is no valid name" in reason


def test_image_that_is_never_pulled_may_be_loaded_on_the_node_yet() -> None:
    said = f'Container image "{IMAGE}" is not present with pull policy of Never'

    assert w.reasons(failed(said, "ErrImageNeverPull")) == []
    assert w.reasons(failed(said, "ErrImageNeverPull", created=PULL_RETRIES_S))


def test_words_in_the_name_of_an_image_say_nothing() -> None:
    image = "registry.example.org/denied/not-found:401-Unauthorized"
    said = f'failed to pull image "{image}": dial tcp: i/o timeout'

    assert w.reasons(failed(said, image=image)) == []


def test_older_kubelet_that_only_backs_off_is_understood_by_its_events() -> None:
    backs_off = failed(f'Back-off pulling image "{IMAGE}"', "ImagePullBackOff")
    told = w.event("Failed", f'Failed to pull image "{IMAGE}": {NOT_FOUND[0]}')

    assert w.reasons(backs_off) == []
    assert "not found" in w.reasons(w.with_events(backs_off, told))[0]


def test_pull_that_failed_before_the_wait_began_says_nothing() -> None:
    """Somebody may have pushed the image since: the kubelet tries again within five minutes."""
    backs_off = failed(NOT_FOUND[0], "ImagePullBackOff", created=600)
    before = w.event("Failed", f'Failed to pull image "{IMAGE}": {NOT_FOUND[0]}', last=60)
    after = w.event("Failed", f'Failed to pull image "{IMAGE}": {NOT_FOUND[0]}', last=2)

    assert w.reasons(w.with_events(backs_off, before), begun=w.ago(30)) == []
    assert w.reasons(w.with_events(backs_off, before, after), begun=w.ago(30))


def test_registry_is_waited_for_since_the_first_pull_and_not_since_the_pod_was_made() -> None:
    waited_long = failed(PASSING[0], created=900)
    just_now = w.event("Failed", f'Failed to pull image "{IMAGE}": {PASSING[0]}', last=1, first=20)

    assert w.reasons(w.with_events(waited_long, just_now)) == []


def test_registry_that_may_have_come_back_is_waited_for_until_the_next_pull() -> None:
    """The kubelet pulls at 0, 10, 30, 70 and 150 s."""
    backs_off = failed(PASSING[0], "ImagePullBackOff", created=140)
    early = w.event("Failed", f'Failed to pull image "{IMAGE}": {PASSING[0]}', last=70, first=140)
    late = w.event("Failed", f'Failed to pull image "{IMAGE}": {PASSING[0]}', last=1)

    assert w.reasons(w.with_events(backs_off, early)) == []
    assert w.reasons(w.with_events(backs_off, early, late))
