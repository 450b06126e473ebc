"""A frame counts only when it is whole, and there once."""

import pytest

from seedcore_deploy.observe.payloads.frame import BrokenFrame, framed, unframed

NONCE = "seedcore-00ff"
ANSWER = {"text": "grüße\n", "n": 1}
LINE = framed(NONCE, ANSWER)


def test_a_frame_is_found_among_other_output() -> None:
    assert unframed(NONCE, b"noise\n" + LINE + b"more noise") == ANSWER


def test_every_cut_is_noticed() -> None:
    for length in range(len(LINE)):
        with pytest.raises(BrokenFrame):
            unframed(NONCE, LINE[:length])


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (b"", "missing"),
        (framed("other", ANSWER), "missing"),
        (LINE + LINE, "twice"),
        (LINE.replace(b"gr", b"rg"), "damaged"),
    ],
)
def test_what_is_wrong_is_said(output: bytes, why: str) -> None:
    with pytest.raises(BrokenFrame, match=why):
        unframed(NONCE, output)
