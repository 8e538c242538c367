-- What came into a list since a version, without reading all of the list: whoever keeps a list in memory asks
-- for this before each answer.
CREATE INDEX entry_key_version ON registry.entry_key (controller_no, version);
CREATE INDEX fact_key_version ON registry.fact_key (controller_no, version);
