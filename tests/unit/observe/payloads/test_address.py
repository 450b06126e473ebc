"""Which addresses may be tried at all."""

import pytest

from seedcore_deploy.observe.payloads.address import endpoint, refused


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (None, "address-unset"),
        ("", "address-unset"),
        ("local", "address-local"),
        ("auto", "address-invalid"),
        ("seedcore-head-svc", "address-invalid"),
        ("seedcore-head-svc:6379", "address-invalid"),
        ("http://seedcore-head-svc:10001", "address-invalid"),
        ("rayy://seedcore-head-svc:10001", "address-invalid"),
        ("ray://seedcore-head-svc", "address-invalid"),
        ("ray://:10001", "address-invalid"),
        ("ray://host:port", "address-invalid"),
        ("ray://seedcore-head-svc:10001", ""),
        ("ray://[fd00::1]:10001", ""),
        ("ray://10.0.0.1:6379", ""),
    ],
)
def test_of_a_client(address: str | None, reason: str) -> None:
    assert refused(address, direct=False)[0] == reason


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (None, ""),
        ("auto", ""),
        ("127.0.0.1:6379", ""),
        ("ray://x:10001", ""),
        ("local", "address-local"),
    ],
)
def test_of_the_head(address: str | None, reason: str) -> None:
    assert refused(address, direct=True)[0] == reason


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("ray://host:10001", ("host", 10001)),
        ("host:6379", ("host", 6379)),
        ("ray://[fd00::1]:1", ("fd00::1", 1)),
        ("ray://host:99999", ("", None)),
    ],
)
def test_host_and_port(address: str, parts: tuple[str, int | None]) -> None:
    assert endpoint(address) == parts
