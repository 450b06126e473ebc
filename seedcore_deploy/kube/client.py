"""A connection to one API server: plain JSON in and out, one of its own for each thread."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException

from seedcore_deploy.kube import errors
from seedcore_deploy.kube.config import ClusterConfig, load
from seedcore_deploy.kube.retry import ride_out

Json: TypeAlias = Mapping[str, Any]

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
_NOTHING: Mapping[str, str] = {}
_JSON = "application/json"
_METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"


def connect(kubeconfig: str | None = None, context: str | None = None) -> Connection:
    """A connection as kubectl would choose it. Sends nothing yet.

    Raises UsageError for a missing or malformed kubeconfig and for an unknown context.
    """
    return Connection(load(kubeconfig, context))


class Connection:
    """Requests to one API server. Every request is bounded, and repeated only where that heals.

    Raises errors.ApiError and its children. Not for use by two threads: give each a `copy()`.
    """

    def __init__(self, config: ClusterConfig) -> None:
        self._config = config
        self._client = ApiClient(config.configuration)
        self._client.user_agent = "seedcore-deploy"
        self._answered = False
        self._server_time = ""
        self._before_write: Callable[[], None] | None = None
        if not config.configuration.verify_ssl:
            # The kubeconfig asks for it; kubectl does not warn about it either.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    @property
    def context(self) -> str:
        """The name of the context in use."""
        return self._config.context

    @property
    def namespace(self) -> str:
        """The context's default namespace, or empty."""
        return self._config.namespace

    @property
    def server(self) -> str:
        """The API server's URL."""
        return str(self._config.configuration.host)

    @property
    def configuration(self) -> Configuration:
        """What the exec channel needs to open its own websocket; for kube/ only."""
        return self._config.configuration

    @property
    def server_time(self) -> str:
        """The API server's clock at its last answer, RFC 3339; empty before the first."""
        return self._server_time

    @property
    def answered(self) -> bool:
        """Whether the API server has answered before: then its silence may be a restart."""
        return self._answered

    def copy(self) -> Connection:
        """The same connection for another thread, with a client of its own."""
        config = ClusterConfig(self.context, self.namespace, copy.deepcopy(self.configuration))
        twin = Connection(config)
        twin._answered = self._answered
        twin._before_write = self._before_write
        return twin

    def check_before_writes(self, check: Callable[[], None]) -> None:
        """Have `check` called before each request that changes something; what it raises stops it.

        Copies that were made before do not ask.
        """
        self._before_write = check

    def get(self, path: str, query: Mapping[str, str] = _NOTHING) -> Json:
        """The object or list at the path, as in `/api/v1/namespaces/NS/pods`."""
        return ride_out(lambda: self._ask("GET", path, query), repeatable=True)

    def metadata(self, path: str, query: Mapping[str, str] = _NOTHING, *, many: bool) -> Json:
        """The metadata of the object, or of a list's (`many`), at the path: no spec, no data."""
        accept = _METADATA.format("List" if many else "")
        return ride_out(lambda: self._ask("GET", path, query, accept=accept), repeatable=True)

    def send(
        self,
        method: str,
        path: str,
        body: Json,
        content_type: str = "application/json",
        query: Mapping[str, str] = _NOTHING,
        *,
        repeatable: bool = False,
    ) -> Json:
        """The API server's answer to a POST, PUT, PATCH or DELETE.

        `repeatable` True only where doing it twice does no harm.
        """
        if self._before_write is not None and self.call(method, path).writes:
            self._before_write()
        return ride_out(
            lambda: self._ask(method, path, query, body, content_type), repeatable=repeatable
        )

    def lines(self, path: str, query: Mapping[str, str], silence_s: float) -> Iterator[Json]:
        """The events of a watch until the server ends it; `silence_s` bounds each wait.

        The first item comes before any event, as an empty object, once the server has accepted.
        """
        call = self.call("GET", path)
        timeouts = (CONNECT_TIMEOUT_S, silence_s)
        response = self._open(call, "GET", path, query, None, "", timeouts, _JSON)
        yield {}
        rest = b""
        try:
            for chunk in response.stream(65536):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (_decoded(call, line) for line in whole if line)
        except (urllib3.exceptions.HTTPError, OSError) as fault:
            raise errors.unreachable(call, fault, heals=True) from fault
        finally:
            response.close()

    def auth_headers(self) -> dict[str, str]:
        """The headers that carry the credentials; for kube/ only."""
        headers: dict[str, str] = {}
        self._client.update_params_for_auth(headers, [], ["BearerToken"], "", "GET", None)
        return headers

    def call(self, method: str, path: str) -> errors.Call:
        """The request, named for messages."""
        return errors.Call(method, path, self.context, self.server)

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json | None = None,
        content_type: str = "",
        accept: str = _JSON,
    ) -> Json:
        call = self.call(method, path)
        timeouts = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        response = self._open(call, method, path, query, body, content_type, timeouts, accept)
        try:
            content = response.data
        except (urllib3.exceptions.HTTPError, OSError) as fault:
            raise errors.unreachable(call, fault, heals=method == "GET") from fault
        return _decoded(call, content)

    def _open(
        self,
        call: errors.Call,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json | None,
        content_type: str,
        timeouts: tuple[float, float],
        accept: str,
    ) -> urllib3.BaseHTTPResponse:
        """The successful answer, its body still unread."""
        headers = {"Accept": accept}
        if content_type:
            headers["Content-Type"] = content_type
        request = self._client.param_serialize(
            method, path, None, list(query.items()), headers, body, auth_settings=["BearerToken"]
        )
        try:
            answer = self._client.call_api(*request, _request_timeout=timeouts)
        except (ApiException, urllib3.exceptions.HTTPError, OSError) as fault:
            raise errors.unreachable(call, fault, heals=self._may_heal(method, fault)) from fault
        response: urllib3.BaseHTTPResponse = answer.response
        self._note(response)
        if not 200 <= response.status <= 299:
            retry_after = _seconds(response.headers.get("Retry-After"))
            raise errors.from_answer(call, response.status, response.data, retry_after)
        return response

    def _may_heal(self, method: str, fault: BaseException) -> bool:
        """A server that never answered is a wrong address; one that did may be restarting."""
        if method != "GET" or isinstance(fault, ApiException):
            return False
        if isinstance(fault, urllib3.exceptions.ReadTimeoutError):
            return False
        return self._answered

    def _note(self, response: urllib3.BaseHTTPResponse) -> None:
        self._answered = True
        date = response.headers.get("Date")
        if date:
            moment = parsedate_to_datetime(date)
            self._server_time = moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _decoded(call: errors.Call, content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except ValueError as fault:
        raise _not_kubernetes(call) from fault
    if not isinstance(answer, dict):
        raise _not_kubernetes(call)
    return answer


def _not_kubernetes(call: errors.Call) -> errors.ApiError:
    return errors.ApiError(
        f"cannot {call}: the answer of {call.server} (context {call.context}) is not JSON",
        "check that the address is an API server and that no proxy answers in its place",
        reason="NotJson",
    )


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is not used by API servers."""
    return float(header) if header and header.isdigit() else None
