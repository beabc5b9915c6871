-- Two roles, as docs/operators.md says: one owns the tables, one runs the node and may change no log.
CREATE ROLE ruilbrug_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE ruilbrug_node LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE ruilbrug OWNER ruilbrug_owner TEMPLATE template0;
REVOKE ALL ON DATABASE ruilbrug FROM PUBLIC;
GRANT CONNECT ON DATABASE ruilbrug TO ruilbrug_node;
