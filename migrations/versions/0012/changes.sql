-- What happened in a list since a version, for those who read its changes. Entries and consents themselves are
-- found by the index of their keys; these tables are written seldom, so that an index more costs little.
CREATE INDEX entry_state_version ON registry.entry_state (controller_no, version);
CREATE INDEX entry_release_version ON registry.entry_release (controller_no, version);
CREATE INDEX entry_tombstone_version ON registry.entry_tombstone (controller_no, version);
CREATE INDEX fact_end_version ON registry.fact_end (controller_no, version);
CREATE INDEX objection_assessment_version ON registry.objection_assessment (controller_no, version);
