"""What may be kept of a raw value, whatever bytes it is made of."""

from seedcore_deploy.model.disclosure import Discloser

NOT_UTF8 = b"10.0.0.1\xff".decode("utf-8", "surrogateescape")


def test_a_value_that_is_no_utf8_is_shown_escaped_and_still_compares() -> None:
    discloser = Discloser(b"salt")

    value = discloser.value("RAY_ADDRESS", NOT_UTF8)

    assert value.text == "10.0.0.1\\udcff"
    assert value.digest == discloser.value("RAY_ADDRESS", NOT_UTF8).digest
    assert value.digest != discloser.value("RAY_ADDRESS", "10.0.0.1").digest
