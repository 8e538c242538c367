-- What waits for an answer: few rows of many.
CREATE INDEX objection_state_open ON registry.objection_state (at)
    WHERE state IN ('pending_verification', 'contested');
CREATE INDEX mandate_state_review ON registry.mandate_state (at) WHERE state = 'needs_review';
CREATE INDEX objection_general ON registry.objection (received_at) WHERE 'art21_1' = ANY (kinds);
