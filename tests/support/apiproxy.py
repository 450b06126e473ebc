"""A TLS proxy between the tool and the API server that delays, cuts, refuses and counts.

It speaks HTTP/1.1 only and gives each request a connection of its own to the API server, so
that a fault can be chosen by method and path, not by time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEAD_LIMIT = 64 * 1024
START_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a request before it is passed on; `path` holds the query too."""

    method: str
    path: str

    @property
    def resource(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def mutates(self) -> bool:
        """Whether the request would change something: no dry run, no access review, no exec."""
        return (
            self.method in {"POST", "PUT", "PATCH", "DELETE"}
            and "dryRun=" not in self.path
            and not self.resource.endswith("reviews")
        )


class Gate:
    """Where a request, or its answer (`after`), is held until the test lets it go on or drops it.

    `reached` tells the test that one is held there.
    """

    def __init__(self, *, after: bool = False) -> None:
        self.after = after
        self.reached = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._decided = asyncio.Event()
        self._passes = False

    async def passes(self) -> bool:
        """Hold here; whether to go on then."""
        self._loop = asyncio.get_running_loop()
        self.reached.set()
        await self._decided.wait()
        return self._passes

    def release(self) -> None:
        """Let go on what is held."""
        self._decide(passes=True)

    def drop(self) -> None:
        """Let nothing of it arrive: the connection is closed."""
        self._decide(passes=False)

    def _decide(self, *, passes: bool) -> None:
        self._passes = passes
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._decided.set)


@dataclass(slots=True)
class Fault:
    """What happens to the requests that `matches` picks, at most `times` times (None: always).

    `status` answers in the API server's place, and `says` does with that body as a success (a line
    of a watch, say); `cut_after` passes on that many bytes of the
    answer and then drops the connection; `delay_s` waits before passing the request on; `away_s`
    drops every connection for that long, as a restart does, the first one hit included; `gate`
    holds the request before it is passed on, or its answer, until the test decides.
    `seen` counts the requests that it hit.
    """

    matches: Callable[[Request], bool]
    status: int = 0
    says: str = ""
    cut_after: int | None = None
    delay_s: float = 0.0
    away_s: float = 0.0
    gate: Gate | None = None
    times: int | None = None
    seen: int = 0

    def takes(self, request: Request) -> bool:
        """Whether this request is hit; counts it."""
        if (self.times is not None and self.seen >= self.times) or not self.matches(request):
            return False
        self.seen += 1
        return True


@dataclass(slots=True)
class ApiProxy:
    """A running proxy: where it listens, what passed, and the faults it makes."""

    host: str
    upstream_port: int
    upstream_tls: ssl.SSLContext
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    away_until: float = 0.0
    open: dict[asyncio.StreamWriter, Request] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None

    def cut(self, matches: Callable[[Request], bool]) -> None:
        """Drop the connections of requests that are under way, as a restart does."""
        assert self.loop
        self.loop.call_soon_threadsafe(self._cut, matches)

    def _cut(self, matches: Callable[[Request], bool]) -> None:
        for writer, request in list(self.open.items()):
            if matches(request):
                writer.transport.abort()

    def away(self, seconds: float) -> None:
        """Drop all connections that are there, and all that come for so long."""
        assert self.loop
        self.away_until = self.loop.time() + seconds
        self.cut(lambda _: True)

    @property
    def mutating(self) -> list[Request]:
        """The requests that passed by and would change something."""
        return [request for request in self.requests if request.mutates]

    def hold(self, matches: Callable[[Request], bool], *, after: bool = False) -> Gate:
        """Hold the next request that matches, or (`after`) the answer to it; see Gate."""
        gate = Gate(after=after)
        self.fault(matches, gate=gate, times=1)
        return gate

    def forget(self) -> None:
        """Make no fault any more, and begin to count anew."""
        self.requests.clear()
        self.faults.clear()

    def fault(self, matches: Callable[[Request], bool], **what: Any) -> Fault:
        """Make a fault from now on; see Fault for what can be made."""
        made = Fault(matches, **what)
        self.faults.append(made)
        return made

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one request on, and its answer back."""
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._one_request(reader, writer)
        except asyncio.CancelledError:
            # Only the proxy's end cancels; raised again, Python 3.11's streams would log it.
            writer.transport.abort()
        finally:
            self.open.pop(writer, None)
            writer.close()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        request = Request(method, path)
        self.requests.append(request)
        self.open[writer] = request
        fault = next((each for each in self.faults if each.takes(request)), None)
        now = asyncio.get_running_loop().time()
        if fault and fault.away_s and not self.away_until:
            self.away_until = now + fault.away_s
        if now < self.away_until:
            return
        if fault and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault and fault.status:
            await _answer(writer, fault.status)
            return
        gate = fault.gate if fault else None
        if gate and not gate.after and not await gate.passes():
            return
        if fault and fault.says:
            await _say(writer, fault.says)
            return
        up_reader, up_writer = await asyncio.open_connection(
            self.host, self.upstream_port, ssl=self.upstream_tls, server_hostname=self.host
        )
        limit = fault.cut_after if fault else None
        outward = asyncio.create_task(_pump(reader, up_writer, None))
        try:
            up_writer.write(_one_shot(head))
            await up_writer.drain()
            if gate and gate.after:
                answer = await up_reader.read(-1)
                if await gate.passes():
                    writer.write(answer)
                    await writer.drain()
                return
            await _pump(up_reader, writer, limit)
        finally:
            outward.cancel()
            up_writer.transport.abort()


async def _answer(writer: asyncio.StreamWriter, status: int) -> None:
    body = (
        '{"kind":"Status","apiVersion":"v1","status":"Failure",'
        f'"message":"made by the test","code":{status}}}'
    )
    writer.write(
        f"HTTP/1.1 {status} Made\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
    )
    await writer.drain()


async def _say(writer: asyncio.StreamWriter, body: str) -> None:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    await writer.drain()


def _one_shot(head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([kept[0], b"Connection: close", *kept[1:]])


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
) -> None:
    left = limit
    while left is None or left > 0:
        data = await reader.read(65536 if left is None else min(left, 65536))
        if not data:
            return
        writer.write(data)
        await writer.drain()
        left = None if left is None else left - len(data)


@contextlib.contextmanager
def api_proxy(host: str, port: int, ca: Path, certificate: Path, key: Path) -> Iterator[ApiProxy]:
    """A proxy on 127.0.0.1 in front of https://host:port, until the block ends."""
    upstream = ssl.create_default_context(cafile=str(ca))
    downstream = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    downstream.load_cert_chain(certificate, key)
    downstream.set_alpn_protocols(["http/1.1"])
    proxy = ApiProxy(host, port, upstream)
    loop = proxy.loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def run() -> None:
        server = await asyncio.start_server(
            proxy.serve, "127.0.0.1", 0, ssl=downstream, limit=HEAD_LIMIT
        )
        proxy.port = server.sockets[0].getsockname()[1]
        ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve_forever()

    task = loop.create_task(run())
    thread = threading.Thread(target=_run_until_done, args=(loop, task), daemon=True)
    thread.start()
    assert ready.wait(START_TIMEOUT_S), "the proxy did not start"
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(START_TIMEOUT_S)


def _run_until_done(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    loop.run_until_complete(task)
    loop.run_until_complete(_end_all())
    loop.close()


async def _end_all() -> None:
    """End what is under way; an aborted transport closes its socket in the loop's next turns."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for each in left:
        each.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
