-- What is switched on for whom. (feature_flags, older, holds operators' own numbers in the place of a plan's entitlements.)
CREATE TABLE IF NOT EXISTS feature_flag_rules (
  id         CHAR(36)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  flag_key   VARCHAR(100)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_on      TINYINT(1)       NOT NULL,
  percentage TINYINT UNSIGNED NULL,
  created_at DATETIME(6)      NOT NULL,
  updated_at DATETIME(6)      NOT NULL,
  UNIQUE KEY uq_feature_flag_rules_key (flag_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS feature_flag_plans (
  flag_id   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_on     TINYINT(1)  NOT NULL,
  PRIMARY KEY (flag_id, plan_code),
  CONSTRAINT fk_feature_flag_plans_flag FOREIGN KEY (flag_id) REFERENCES feature_flag_rules (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS feature_flag_tenants (
  flag_id   CHAR(36)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id CHAR(36)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_on     TINYINT(1) NOT NULL,
  PRIMARY KEY (flag_id, tenant_id),
  KEY ix_feature_flag_tenants_tenant (tenant_id),
  CONSTRAINT fk_feature_flag_tenants_flag FOREIGN KEY (flag_id) REFERENCES feature_flag_rules (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
