-- Where the data of tenants under a rule may lie. allowed_regions: a JSON array of regions.
CREATE TABLE IF NOT EXISTS compliance_rules (
  id              CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  code            VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name            VARCHAR(120) NOT NULL,
  allowed_regions LONGTEXT     NOT NULL,
  created_at      DATETIME(6)  NOT NULL,
  updated_at      DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_compliance_rules_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tenant_compliance (
  tenant_id CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  rule_id   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (tenant_id, rule_id),
  KEY ix_tenant_compliance_rule (rule_id),
  CONSTRAINT fk_tenant_compliance_rule FOREIGN KEY (rule_id) REFERENCES compliance_rules (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
