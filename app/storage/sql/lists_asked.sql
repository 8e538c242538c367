-- The lists of a lookup: position (version, and the event that took it), traits, and what the rules need to know
-- of each.
SELECT h.controller_no, h.party_id, h.sector, h.public_body, p.kind, p.country,
       coalesce((SELECT max(v.version) FROM registry.controller_version v
                 WHERE v.controller_no = h.controller_no), 0) AS version,
       (SELECT v.event_id FROM registry.controller_version v WHERE v.controller_no = h.controller_no
        ORDER BY v.version DESC LIMIT 1) AS head,
       ARRAY(SELECT t.trait FROM registry.holder_trait t WHERE t.controller_no = h.controller_no) AS traits,
       (SELECT c.policy FROM registry.controller_policy c WHERE c.controller_no = h.controller_no
        ORDER BY c.version DESC LIMIT 1) AS policy
FROM registry.holder h JOIN registry.party p ON p.id = h.party_id
WHERE h.controller_no = ANY (CAST(:numbers AS int4[]))
