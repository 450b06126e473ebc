"""What the answers at the addresses of dashboard and Serve mean, for each client that was asked."""

from __future__ import annotations

from enum import Enum, auto

from seedcore_deploy.judge.addresses import address_fault, parse_url
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.head_service import head_service, leads_astray
from seedcore_deploy.judge.session import head_probe, reached_another
from seedcore_deploy.judge.values import head_place
from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role

DASHBOARD = "RAY_DASHBOARD_ADDRESS"
SERVE = "RAY_SERVE_ADDRESS"

_ABSENT = frozenset({AnswerEnd.REFUSED, AnswerEnd.SILENT})
_OF_THE_ADDRESS = frozenset({AnswerEnd.DNS, AnswerEnd.NOT_HTTP})


class Standing(Enum):
    """How an address stands; FINE also where nobody asked, or where a deeper cause speaks."""

    FINE = auto()
    WRONG = auto()
    IDLE = auto()
    UNTOLD = auto()


def answer_at(view: PodView, variable: str) -> AddressAnswer | None:
    """What the pod's probe met at the address of this variable."""
    if view.probe is None:
        return None
    return view.probe.dashboard if variable == DASHBOARD else view.probe.serve


def standing(facts: Facts, view: PodView, variable: str) -> Standing:
    """How the address of a client stands.

    IDLE: Serve is silent because nothing is served. UNTOLD: who answers, or whether anything
    should, could not be told.
    """
    answer = answer_at(view, variable)
    if answer is None or view.pod.role is not Role.CLIENT or _speaks_deeper(facts, view):
        return Standing.FINE
    if answer.ended in _OF_THE_ADDRESS:
        return Standing.WRONG
    if variable == DASHBOARD:
        return _of_dashboard(facts, answer)
    if answer.ended is AnswerEnd.ANSWERED:
        return Standing.FINE
    told = standing(facts, view, DASHBOARD) is Standing.FINE and answer.serves is not None
    if answer.ended not in _ABSENT or not told:
        return Standing.UNTOLD
    return Standing.WRONG if answer.serves else Standing.IDLE


def _speaks_deeper(facts: Facts, view: PodView) -> bool:
    """Whether the proof did not lead to the head: then the other addresses do not, either."""
    service = head_service(facts)
    if view.probe is None or not view.probe.ok or reached_another(facts, view, view.probe):
        return True
    return service is not None and leads_astray(facts, service)


def _of_dashboard(facts: Facts, answer: AddressAnswer) -> Standing:
    if answer.ended in _ABSENT:
        return Standing.WRONG
    if answer.ended is AnswerEnd.NEEDS_TOKEN:
        return Standing.FINE
    if answer.ended is not AnswerEnd.ANSWERED or not answer.session:
        return Standing.UNTOLD
    own = head_probe(facts)
    return Standing.FINE if own is None or own.session == answer.session else Standing.WRONG


def answer_settling(facts: Facts, view: PodView, variable: str) -> str:
    """Why an answer may still come: the head or the client is young; for Serve, any client is.

    A client deploys what Serve serves once it is connected, and which one, nobody tells.
    """
    own = view.unsettled or view.young
    if own or variable == DASHBOARD:
        return own
    reasons = (each.unsettled or each.young or each.settling for each in facts.clients)
    return next((reason for reason in reasons if reason), "")


def is_right(facts: Facts, view: PodView, variable: str) -> bool:
    """Whether the address is surely the head service's, at a port of its own."""
    place, (_, value) = head_place(facts), view.has(variable)
    if place is None or value is None or not value.text:
        return False
    url = parse_url(value.text)
    fits = address_fault(variable, value.text, place) is None
    return fits and url is not None and place.is_here(url.host)
