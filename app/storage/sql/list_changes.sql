-- What happened in a list after a place in it, up to a version: by version, and in a version by rank, row and
-- entry. `row_id` is the entry, or the objection or consent behind the change; `home` is the list of the entry.
-- A consent is compared under every spelling under which it is found, and told once of each entry; it goes before an
-- entry as the rules say (R14, R17, R18). That it is over is told also of an entry that was in doubt once: what is told
-- too often is asked about, what is missed is sent. OFFSET 0 has the keys probed for each consent: to a planner
-- that last saw a short list, reading all of it looks as good.
SELECT c.version, c.rank, c.row_id, c.entry_id, c.home, c.word, c.channels, c.purposes, v.at, v.event_id
FROM (
    SELECT n.version, 1 AS rank, n.entry_id AS row_id, n.entry_id, CAST(:number AS int4) AS home,
           'activated' AS word, CAST(NULL AS int4) AS channels, CAST(NULL AS int4) AS purposes
    FROM (SELECT DISTINCT k.version, k.entry_id FROM registry.entry_key k
          WHERE CAST(k.controller_no AS int8) = :number AND k.version <= :top AND k.fingerprint <> :canary
            AND (k.version, k.entry_id) > (:version, CAST(:after_entry AS uuid))
          ORDER BY k.version, k.entry_id LIMIT :most) AS n
    UNION ALL
    SELECT s.version, 2, s.entry_id, s.entry_id, s.controller_no, s.state, NULL, NULL
    FROM registry.entry_state s
    WHERE CAST(s.controller_no AS int8) = :number AND s.version BETWEEN :version AND :top
    UNION ALL
    SELECT a.version, 3, a.objection_id, e.id, e.controller_no, a.outcome, NULL, NULL
    FROM registry.objection_assessment a
    JOIN registry.entry e ON CAST(e.controller_no AS int8) = 0 AND e.objection_id = a.objection_id AND e.kind = 2
    WHERE CAST(a.controller_no AS int8) = :number AND a.version BETWEEN :version AND :top
    UNION ALL
    SELECT r.version, 4, r.entry_id, r.entry_id, r.controller_no, 'released', NULL, NULL
    FROM registry.entry_release r
    WHERE CAST(r.controller_no AS int8) = :number AND r.version BETWEEN :version AND :top
    UNION ALL
    SELECT t.version, 5, t.entry_id, t.entry_id, t.controller_no, 'tombstoned', NULL, NULL
    FROM registry.entry_tombstone t
    WHERE CAST(t.controller_no AS int8) = :number AND t.version BETWEEN :version AND :top
    UNION ALL
    SELECT DISTINCT m.version, m.rank, m.fact_id, e.id, e.controller_no, m.word, e.channels & f.channels,
           e.purposes & f.purposes & :marketing
    FROM (SELECT DISTINCT k.version, 6 AS rank, k.fact_id, 'masked' AS word
          FROM registry.fact_key k
          WHERE CAST(k.controller_no AS int8) = :number AND k.kind = 1 AND k.version BETWEEN :version AND :top
          UNION ALL
          SELECT x.version, 7, x.fact_id, 'unmasked' FROM registry.fact_end x
          WHERE CAST(x.controller_no AS int8) = :number AND x.version BETWEEN :version AND :top) AS m
    JOIN registry.consent f ON f.controller_no = :number AND f.id = m.fact_id
    JOIN LATERAL (SELECT h.controller_no, h.fingerprint FROM registry.fact_key h
                  WHERE h.fact_id = f.id AND h.kind = 1 OFFSET 0) AS o ON o.controller_no = f.controller_no
    JOIN LATERAL (SELECT h.controller_no, h.entry_id FROM registry.entry_key h
                  WHERE h.controller_no IN (0, :number) AND h.fingerprint = o.fingerprint OFFSET 0) AS k ON true
    JOIN registry.entry e ON e.controller_no = k.controller_no AND e.id = k.entry_id
    WHERE :lifts AND f.by_person AND f.names_controller AND f.evidenced AND NOT f.barred
      AND f.given_at > e.since AND e.kind IN (1, 3, 4) AND (m.rank = 7 OR e.level >= :minimum_level)
      AND e.channels & f.channels <> 0 AND e.purposes & f.purposes & :marketing <> 0
      AND (e.controller_no <> :number OR e.version < m.version)
      AND NOT EXISTS (SELECT FROM registry.entry_release r
                      WHERE r.controller_no = e.controller_no AND r.entry_id = e.id)
      AND (m.rank = 7 OR NOT EXISTS (
          SELECT FROM registry.entry_state s
          WHERE s.controller_no = e.controller_no AND s.entry_id = e.id AND s.state = 'contested'))
      AND (m.rank = 7 OR NOT EXISTS (
          SELECT FROM registry.consent g
          JOIN registry.fact_end x ON x.controller_no = g.controller_no AND x.fact_id = g.id
          WHERE g.controller_no = :number AND x.ended_at >= f.given_at
            AND g.channels & f.channels <> 0 AND g.purposes & f.purposes <> 0
            AND g.id IN (SELECT h.fact_id FROM registry.fact_key h
                         WHERE h.controller_no = :number AND h.kind = 1 AND h.fingerprint = o.fingerprint)))
) AS c
JOIN registry.controller_version v ON v.controller_no = :number AND v.version = c.version
WHERE (c.version, c.rank, c.row_id, c.entry_id)
      > (:version, :rank, CAST(:row_id AS uuid), CAST(:entry_id AS uuid))
ORDER BY c.version, c.rank, c.row_id, c.entry_id LIMIT :most
