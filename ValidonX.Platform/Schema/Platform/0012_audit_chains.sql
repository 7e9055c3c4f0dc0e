-- The entries of each tenant form a chain, and so do those of no tenant: an entry's place and hashes are set once, by the provisioner, shortly after
-- it was written, and by nobody else.
DROP PROCEDURE IF EXISTS alter_audit_logs;
CREATE PROCEDURE alter_audit_logs()
BEGIN
  -- The ALTER happens wholly or not at all, so what one of these errors tells is that it has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  ALTER TABLE audit_logs
    ADD COLUMN position BIGINT UNSIGNED NULL,
    ADD COLUMN previous_hash BINARY(32) NULL,
    ADD COLUMN hash BINARY(32) NULL,
    ADD KEY ix_audit_logs_chain (tenant_id, position),
    ADD KEY ix_audit_logs_unlinked (position, tenant_id),
    ADD KEY ix_audit_logs_page (tenant_id, id);
END;
CALL alter_audit_logs();
DROP PROCEDURE alter_audit_logs;

-- The newest entry of each chain. chain: the tenant's id; all zeros are the platform's own entries. seal: what only who has the secret can make of
-- the rest of the row.
CREATE TABLE IF NOT EXISTS audit_chains (
  chain      CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  position   BIGINT UNSIGNED NOT NULL,
  last_id    CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash       BINARY(32)      NOT NULL,
  seal       BINARY(32)      NOT NULL,
  updated_at DATETIME(6)     NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
