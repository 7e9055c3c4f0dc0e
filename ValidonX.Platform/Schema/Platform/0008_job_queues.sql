-- A claim looks at one row of each tenant that has work, however many jobs wait behind it.

-- due_at: when the job may be claimed; of a running one, when its lease runs out; NULL once it has ended.
DROP PROCEDURE IF EXISTS alter_jobs;
CREATE PROCEDURE alter_jobs()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1054, 1060, 1091 BEGIN END;
  ALTER TABLE jobs
    ADD COLUMN due_at DATETIME(6) NULL AFTER max_attempts,
    ADD KEY ix_jobs_due (tenant_id, due_at),
    ADD KEY ix_jobs_waiting (status, tenant_id, kind, due_at),
    ADD KEY ix_jobs_finished (finished_at);
  UPDATE jobs SET due_at = CASE status WHEN 'pending' THEN run_at WHEN 'running' THEN lease_until END;
  ALTER TABLE jobs DROP KEY ix_jobs_ready, DROP KEY ix_jobs_tenant, DROP COLUMN run_at, DROP COLUMN lease_until;
END;
CALL alter_jobs();
DROP PROCEDURE alter_jobs;

-- next_at: no job of the tenant is due before. waiting: it has a job that has not ended. Whoever writes either holds the row's lock
-- until its transaction ends; a claim passes locked rows over.
CREATE TABLE IF NOT EXISTS job_queues (
  tenant_id      CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  waiting        TINYINT(1)  NOT NULL,
  last_served_at DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00',
  next_at        DATETIME(6) NOT NULL,
  KEY ix_job_queues_turn (waiting, last_served_at, next_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT IGNORE INTO job_queues (tenant_id, waiting, next_at)
SELECT tenant_id, 1, MIN(due_at) FROM jobs WHERE due_at IS NOT NULL GROUP BY tenant_id;

-- The queue, and the job of it, that a worker has in hand; a row lives within one transaction, so nobody ever sees one.
CREATE TABLE IF NOT EXISTS queue_claims (
  owner     VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  job_id    CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  due_at    DATETIME(6)  NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

DROP TABLE IF EXISTS job_turns;
