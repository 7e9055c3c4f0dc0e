-- When the outbox of each tenant's database is to be looked into next: at once after a hint, otherwise now and then, since hints may be lost.
-- waiting_since: the first hint that has not been followed to the end.
CREATE TABLE IF NOT EXISTS outbox_tenants (
  tenant_id     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  server_name   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_at        DATETIME(6) NOT NULL,
  waiting_since DATETIME(6) NULL,
  KEY ix_outbox_tenants_due (server_name, due_at),
  KEY ix_outbox_tenants_waiting (waiting_since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
