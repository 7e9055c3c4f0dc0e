-- Policies of products and the members of them that a license overrides, as JSON; seats that are leased, matched by several components, and swapped.
DROP PROCEDURE IF EXISTS add_policies;
CREATE PROCEDURE add_policies()
BEGIN
  -- What these errors tell is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  ALTER TABLE products ADD COLUMN policy TEXT NULL;
  ALTER TABLE license_keys ADD COLUMN policy TEXT NULL;
  -- lease_expires_at is NULL for a seat that is held until it is given up. freed_marker is 1 for one that its app gave up and nobody has taken since;
  -- swapped_at is when another instance took its place.
  ALTER TABLE activations
    ADD COLUMN lease_expires_at DATETIME(6) NULL,
    ADD COLUMN fingerprints TEXT NULL,
    ADD COLUMN workload TEXT NULL,
    ADD COLUMN freed_marker TINYINT(1) NULL,
    ADD COLUMN swapped_at DATETIME(6) NULL,
    ADD KEY ix_activations_seats (license_id, active_marker, lease_expires_at),
    ADD KEY ix_activations_swaps (license_id, swapped_at);
END;
CALL add_policies();
DROP PROCEDURE add_policies;

-- A grace that a license has had so far is its own, whatever its product's policy comes to say.
UPDATE license_keys SET policy = CONCAT('{"grace_days":', grace_days, '}') WHERE grace_days > 0 AND policy IS NULL;
