"""Cases of the rows that stand around the walk: who may ask at all (R01), and what is answered when the facts
cannot be read (R03). Each is a row, a case, what is done, and the code that comes of it."""

from collections.abc import Callable
from uuid import UUID

from app.domain.decision import decide, decide_without_facts
from app.domain.facts import Facts, Question, Source
from app.domain.parties import Caller, Role, entitled
from app.domain.refusals import RefusedError
from tests.domain.recipients import NOW, ORDINARY, ask

Case = tuple[str, str, Callable[[], str], str]

OWN, FOREIGN = UUID(int=1), UUID(int=2)
SENDER = Caller(UUID(int=8), UUID(int=1), Role.SENDER, holder_no=1, acts_for={OWN: 1})
MAIL = ask("service")


def asked(controller_id: UUID, question: Question) -> Callable[[], str]:
    """A caller asks on behalf of a controller."""

    def answer() -> str:
        try:
            entitled(SENDER, controller_id)
        except RefusedError as refused:
            return refused.code.value
        return decide(question, Facts(ORDINARY), NOW).code

    return answer


def without_facts(question: Question, *, readable: bool = True) -> Callable[[], str]:
    """The database does not answer."""

    def answer() -> str:
        decision = decide_without_facts(question, Facts(ORDINARY, readable=readable), NOW)
        return decision.code if decision else "no answer"

    return answer


DECIDES: list[Case] = [
    ("R01", "somebody else's controller", asked(FOREIGN, MAIL), "AUTH_CONTROLLER"),
    ("R01", "a controller that does not exist", asked(UUID(int=3), MAIL), "AUTH_CONTROLLER"),
    ("R03", "an emergency", without_facts(ask("emergency")), "DEGRADED_ALLOW"),
    ("R03", "contract mail", without_facts(MAIL), "DEGRADED_ALLOW"),
    ("R03", "marketing", without_facts(ask()), "no answer"),
]
ONE_STEP_BESIDE: list[Case] = [
    ("R01", "its own controller", asked(OWN, MAIL), "SERVICE"),
    ("R03", "the facts can be read", asked(OWN, ask("emergency")), "EMERGENCY"),
    (
        "R03",
        "a service that may have been left",
        without_facts(ask("service", service_id="news")),
        "no answer",
    ),
    (
        "R03",
        "a source that may be blocked",
        without_facts(ask("service", source=Source(named=True))),
        "no answer",
    ),
]
EARLIER_WINS: list[Case] = [
    ("R02", "R01 comes before", asked(FOREIGN, ask(channel="pigeon")), "AUTH_CONTROLLER"),
    ("R03", "R02 comes before", without_facts(ask(channel="pigeon")), "INPUT_INVALID"),
    ("R03", "R02 comes before, for a recipient", without_facts(MAIL, readable=False), "INPUT_INVALID"),
]
