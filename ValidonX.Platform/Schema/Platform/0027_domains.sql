-- Anybody can claim a host; only who has proved that it is theirs has it. So one tenant claims a host once, any number of tenants may claim the same, and one of them can have it.
-- challenge: what the owner publishes in the DNS; no secret. verified_host: the host of a verified claim, unique; NULL, which is never a duplicate, of any other.
DROP PROCEDURE IF EXISTS alter_domains;
CREATE PROCEDURE alter_domains()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061, 1091 BEGIN END;
  UPDATE domains SET host = LOWER(host);
  ALTER TABLE domains
    MODIFY COLUMN host VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ADD COLUMN challenge VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER host;
  ALTER TABLE domains
    ADD COLUMN verified_host VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (IF(verified_at IS NULL, NULL, host)) STORED AFTER verified_at;
  ALTER TABLE domains ADD UNIQUE KEY uq_domains_claim (tenant_id, host);
  ALTER TABLE domains ADD UNIQUE KEY uq_domains_verified (verified_host);
  ALTER TABLE domains DROP KEY uq_domains_host;
END;
CALL alter_domains();
DROP PROCEDURE alter_domains;
