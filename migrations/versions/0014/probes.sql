-- A list's rows are found by the whole key of their table, or since a version, or by what they belong to. Of a list
-- that was short when its rows were last counted (ANALYZE) the planner takes any index that begins with the list's
-- number for good enough, and compares all rows of that list with all that is asked for. So such an index begins
-- with the number as an int8: only who says so reads along it.
DROP INDEX registry.entry_key_version;
DROP INDEX registry.fact_key_version;
DROP INDEX registry.entry_objection;
DROP INDEX registry.entry_wish_event;
DROP INDEX registry.entry_state_version;
DROP INDEX registry.entry_release_version;
DROP INDEX registry.entry_tombstone_version;
DROP INDEX registry.fact_end_version;
DROP INDEX registry.objection_assessment_version;

CREATE INDEX entry_key_version ON registry.entry_key (CAST(controller_no AS int8), version);
CREATE INDEX fact_key_version ON registry.fact_key (CAST(controller_no AS int8), version);
CREATE INDEX entry_objection ON registry.entry (CAST(controller_no AS int8), objection_id);
CREATE INDEX entry_wish_event ON registry.entry_wish (CAST(controller_no AS int8), event_id);
CREATE INDEX entry_state_version ON registry.entry_state (CAST(controller_no AS int8), version);
CREATE INDEX entry_release_version ON registry.entry_release (CAST(controller_no AS int8), version);
CREATE INDEX entry_tombstone_version ON registry.entry_tombstone (CAST(controller_no AS int8), version);
CREATE INDEX fact_end_version ON registry.fact_end (CAST(controller_no AS int8), version);
CREATE INDEX objection_assessment_version ON registry.objection_assessment (CAST(controller_no AS int8), version);
