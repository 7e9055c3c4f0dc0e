-- What a plan's tenants have for a setting that they have not set themselves: JSON, by the setting's name.
CREATE TABLE IF NOT EXISTS plan_settings (
  plan_code  VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name       VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value      LONGTEXT     NOT NULL,
  PRIMARY KEY (plan_code, name),
  CONSTRAINT fk_plan_settings_plan FOREIGN KEY (plan_code) REFERENCES plans (code) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
