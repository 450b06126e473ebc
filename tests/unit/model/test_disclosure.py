"""What may be shown of values and of free text."""

from __future__ import annotations

import time

import pytest

from seedcore_deploy.model.disclosure import Discloser, without_secrets, without_userinfo

NOT_UTF8 = b"10.0.0.1\xff".decode("utf-8", "surrogateescape")
CANARIES = ("hunter2", "ter2", "hun/")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ray://head:10001", "ray://head:10001"),
        ("user:hunter2@head:10001", "***@head:10001"),
        ("ray://u:hun/ter2@head", "ray://***@head"),
        ("ray://u:hun@ter2@head", "ray://***@head"),
        ("http://h:8265/?token=hunter2", "http://h:8265/?***"),
        ("http://h:8265/#hunter2", "http://h:8265/?***"),
    ],
)
def test_values_are_shown_without_credentials(raw: str, shown: str) -> None:
    value = Discloser(b"salt").value("RAY_ADDRESS", raw)

    assert value.text == shown
    assert value.exact == (raw if raw == shown else None)


def test_values_that_look_alike_are_compared_by_their_digests() -> None:
    one = Discloser(b"salt").value("RAY_ADDRESS", "ray://u:hunter2@head")
    other = Discloser(b"salt").value("RAY_ADDRESS", "ray://u:hunter3@head")

    assert one.text == other.text
    assert one.digest != other.digest


@pytest.mark.parametrize(
    "text",
    [
        "connecting to ray://u:hun/ter2@head failed",
        "connecting to ray://u:hun@ter2@head failed",
        "connecting to user:hunter2@head:10001 failed",
    ],
)
def test_free_text_is_shown_without_userinfo(text: str) -> None:
    shown = without_userinfo(text)

    assert not any(canary in shown for canary in CANARIES)
    assert shown.endswith("failed")


@pytest.mark.parametrize(
    "text",
    [
        "RAY_AUTH_TOKEN=hunter2",
        "RAY_AUTH_TOKEN = hunter2",
        "password: hunter2",
        "password: 'a b hunter2'",
        'password="a b hunter2"',
        '{"api_key": "hunter2"}',
        '{"api_key" : "hunter2"}',
        r"{\"api_key\": \"hunter2\"}",
        "Authorization: Bearer hunter2",
        '"Authorization": "Bearer hunter2"',
        'Authorization: Bearer "hunter2"',
        "sent bearer hunter2",
        "redis://user:hunter2@redis:6379/0",
        "ray start --redis-password hunter2",
        "ray start --redis-password=hunter2 --block",
        "ray start --redis-password 'a b hunter2'",
        "GET http://h:8265/?token=hunter2",
        'EnvVar{Name:"RAY_AUTH_TOKEN", Value:"hunter2"}',
        "Traceback\nRAY_AUTH_TOKEN=hunter2",
    ],
)
def test_free_text_is_shown_without_secrets(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        'secret "ray-token" not found',
        'MountVolume.SetUp failed for volume "token" : secret "ray-token" not found',
        'Failed to pull image "localhost/seedcore-api:0.1@sha256:abcd": not found',
        "secret.yaml: no such file or directory",
        "couldn't find key token in Secret seedcore-dev/ray",
    ],
)
def test_what_only_names_a_secret_stays_readable(text: str) -> None:
    assert without_secrets(text) == text


def test_a_value_that_is_no_utf8_is_shown_escaped_and_still_compares() -> None:
    discloser = Discloser(b"salt")

    value = discloser.value("RAY_ADDRESS", NOT_UTF8)

    assert value.text == "10.0.0.1\\udcff"
    assert value.digest == discloser.value("RAY_ADDRESS", NOT_UTF8).digest
    assert value.digest != discloser.value("RAY_ADDRESS", "10.0.0.1").digest


@pytest.mark.parametrize("part", ["token", "a.-", "a:", "://", "--key ", "name: token", '\\"', " "])
def test_long_lines_are_not_slow(part: str) -> None:
    began = time.process_time()

    without_secrets(part * (16384 // len(part)))

    assert time.process_time() - began < 2
