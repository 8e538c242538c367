-- What is not simply in force is found by its state: the queue of what is contested, what was withdrawn or voided.
-- Nearly every row says active and stands in neither index, so that taking in costs no more than before.
CREATE INDEX mandate_state_other ON registry.mandate_state (state, mandate_id) WHERE state <> 'active';
CREATE INDEX objection_state_other ON registry.objection_state (state, objection_id) WHERE state <> 'active';
