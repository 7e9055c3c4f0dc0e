-- Operators edit plans. plans.version is raised by every change. tenants.plan_version is the version of the tenant's plan whose
-- entitlements its own database holds; 0 while another plan is on its way there.
DROP PROCEDURE IF EXISTS alter_plans;
CREATE PROCEDURE alter_plans()
BEGIN
  -- Each ALTER happens wholly or not at all, so what this error tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060 BEGIN END;
  ALTER TABLE plans
    ADD COLUMN trial_days SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1;
  ALTER TABLE tenants
    ADD COLUMN plan_version INT UNSIGNED NOT NULL DEFAULT 1,
    ADD KEY ix_tenants_plan (plan_code, plan_version);
END;
CALL alter_plans();
DROP PROCEDURE alter_plans;
