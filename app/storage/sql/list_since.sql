-- What came into a list ($1) after a version ($2), with the positions taken since then, and what can be seen of
-- the list's reserved fingerprint ($3) beside it: where it cannot be seen, other rows may be hidden too.
-- The order is that of the index that is meant: in any other way all of the list would be read.
SELECT ARRAY(SELECT v.version FROM registry.controller_version v
             WHERE v.controller_no = $1 AND v.version >= $2 ORDER BY v.version) AS versions,
       ARRAY(SELECT v.event_id FROM registry.controller_version v
             WHERE v.controller_no = $1 AND v.version >= $2 ORDER BY v.version) AS events,
       ARRAY(SELECT t.trait FROM registry.holder_trait t WHERE t.controller_no = $1) AS traits,
       (SELECT string_agg(uuid_send(n.fingerprint), '')
        FROM (SELECT k.fingerprint FROM registry.entry_key k
              WHERE CAST(k.controller_no AS int8) = $1 AND k.version > $2 ORDER BY k.version) AS n) AS entry_keys,
       (SELECT string_agg(uuid_send(n.fingerprint), '')
        FROM (SELECT k.fingerprint FROM registry.fact_key k
              WHERE CAST(k.controller_no AS int8) = $1 AND k.version > $2 ORDER BY k.version) AS n) AS fact_keys,
       (SELECT k.entry_id FROM registry.entry_key k
        WHERE k.controller_no = $1 AND k.fingerprint = $3 LIMIT 1) AS entry,
       (SELECT k.fact_id FROM registry.fact_key k
        WHERE k.controller_no = $1 AND k.kind = 1 AND k.fingerprint = $3 LIMIT 1) AS consent,
       (SELECT k.fact_id FROM registry.fact_key k
        WHERE k.controller_no = $1 AND k.kind = 2 AND k.fingerprint = $3 LIMIT 1) AS relationship
