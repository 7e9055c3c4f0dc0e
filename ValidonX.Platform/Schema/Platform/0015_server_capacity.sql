-- How many tenants a server takes by an operator's word, which a start of the provisioner with its own configuration leaves alone.
DROP PROCEDURE IF EXISTS alter_database_servers;
CREATE PROCEDURE alter_database_servers()
BEGIN
  DECLARE CONTINUE HANDLER FOR 1060 BEGIN END;
  ALTER TABLE database_servers ADD COLUMN capacity_override INT UNSIGNED NULL AFTER capacity;
END;
CALL alter_database_servers();
DROP PROCEDURE alter_database_servers;
