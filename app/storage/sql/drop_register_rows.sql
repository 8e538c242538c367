-- The operator's statement, under the owner's rights: no role of the service may remove a row of the register.
DELETE FROM registry.register_entry WHERE snapshot_no = :number
