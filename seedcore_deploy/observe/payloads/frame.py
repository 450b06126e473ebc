"""One framed line of JSON: whoever reads it knows whether it is whole. Used on both sides."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any


class BrokenFrame(Exception):
    """No frame, half a frame, or more than one: the reason as a sentence."""


def framed(nonce: str, answer: dict[str, Any]) -> bytes:
    """The line: nonce, length, checksum, JSON in ASCII, nonce."""
    text = json.dumps(answer, ensure_ascii=True).encode()
    digest = hashlib.sha256(text).hexdigest()
    return b"\n%s:%d:%s:%s:%s\n" % (
        nonce.encode(),
        len(text),
        digest.encode(),
        text,
        nonce.encode(),
    )


def send(nonce: str, answer: dict[str, Any]) -> None:
    """Write the line to the real stdout, whole."""
    line = framed(nonce, answer)
    while line:
        line = line[os.write(1, line) :]


def unframed(nonce: str, output: bytes) -> dict[str, Any]:
    """The one answer in the output, whatever else was printed around it."""
    mark = re.escape(nonce.encode())
    starts = list(re.finditer(rb"^" + mark + rb":(\d+):([0-9a-f]{64}):", output, re.MULTILINE))
    if len(starts) != 1:
        raise BrokenFrame("the answer is missing" if not starts else "the answer came twice")
    start = starts[0]
    text = output[start.end() : start.end() + int(start[1])]
    if not output[start.end() + len(text) :].startswith(b":" + nonce.encode() + b"\n"):
        raise BrokenFrame("the answer was cut off")
    if hashlib.sha256(text).hexdigest().encode() != start[2]:
        raise BrokenFrame("the answer was damaged on the way")
    answer = json.loads(text)
    if not isinstance(answer, dict):
        raise BrokenFrame("the answer is no object")
    return answer
