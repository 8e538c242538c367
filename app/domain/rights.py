"""What a mandate can give an agent: a closed list. Everything else is refused with `MANDATE_SCOPE`.

A mandate to object is not a mandate to see, to correct, to move or to erase (GDPR Art. 15-17, 20), nor to
end a membership: those acts stay with the person.
"""

OBJECT_DM = "object_dm"
OBJECT_DM_PROFILING = "object_dm_profiling"
WITHDRAW_OBJECTION = "withdraw_objection"
RECEIVE_STATUS = "receive_status"

RIGHTS = (OBJECT_DM, OBJECT_DM_PROFILING, WITHDRAW_OBJECTION, RECEIVE_STATUS)

EXCLUDED_RIGHTS = ("access", "erasure", "rectification", "portability", "end_membership", "close_membership")
"""Always excluded, whatever the paper says."""

ART21_2 = "art21_2"
ART21_1 = "art21_1"

OBJECTION_KINDS = (ART21_2, ART21_1)
"""Art. 21(2): direct marketing, absolute. Art. 21(1): general, weighed by the controller."""

AGENT_KINDS = {ART21_2: frozenset({OBJECT_DM, OBJECT_DM_PROFILING})}
"""The kinds that an agent may post, with the rights of which each takes one; with profiling alone the
objection reaches the channel `profiling` and no other."""
