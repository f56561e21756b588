-- What Liquibase 4.28.0 left on PostgreSQL 15 after one update of ./db with --contexts=prod, as pg_dump writes it.
CREATE TABLE public.audit_log (
    id integer NOT NULL,
    what character varying(200)
);
CREATE TABLE public.databasechangelog (
    id character varying(255) NOT NULL,
    author character varying(255) NOT NULL,
    filename character varying(255) NOT NULL,
    dateexecuted timestamp without time zone NOT NULL,
    orderexecuted integer NOT NULL,
    exectype character varying(10) NOT NULL,
    md5sum character varying(35),
    description character varying(255),
    comments character varying(255),
    tag character varying(255),
    liquibase character varying(20),
    contexts character varying(255),
    labels character varying(255),
    deployment_id character varying(10)
);
CREATE TABLE public.databasechangeloglock (
    id integer NOT NULL,
    locked boolean NOT NULL,
    lockgranted timestamp without time zone,
    lockedby character varying(255)
);
CREATE TABLE public.orders (
    id bigint NOT NULL,
    total numeric(10,2) DEFAULT 0,
    person_id integer
);
CREATE TABLE public.person (
    id integer NOT NULL,
    name character varying(50) NOT NULL,
    born date,
    active boolean DEFAULT true,
    country character varying(2)
);
COMMENT ON TABLE public.person IS 'people we know';
CREATE VIEW public.v_person AS
 SELECT person.id,
    person.name
   FROM public.person;
INSERT INTO public.audit_log VALUES (1, 'it''s; fine');
INSERT INTO public.audit_log VALUES (99, 'shop');
INSERT INTO public.databasechangelog VALUES ('1', 'bob', 'db/changes/001.yaml', '2026-11-25 21:42:05.106279', 1, 'EXECUTED', '9:c925a3ff5cb03c324bcb588de5f8a026', 'createTable tableName=person; createIndex indexName=ix_person_name, tableName=person', 'people', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('2', 'bob', 'db/changes/001.yaml', '2026-11-25 21:42:05.149592', 2, 'EXECUTED', '9:186a6f691ff7021d47c5765c7dd95d2b', 'loadData tableName=person', '', NULL, '4.28.0', '(prod or test)', 'data,init', '5642924990');
INSERT INTO public.databasechangelog VALUES ('3', 'bob', 'db/changes/001.yaml', '2026-11-25 21:42:05.169662', 3, 'EXECUTED', '9:635ff1e577e13420abaf0552fb77ab20', 'tagDatabase', '', 'v1', '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('audit', 'carol', 'db/changes/002.sql', '2026-11-25 21:42:05.192714', 4, 'EXECUTED', '9:0b30bfa441ce2890cb1032fcae26ec1a', 'sql', 'audit trail', NULL, '4.28.0', NULL, 'big', '5642924990');
INSERT INTO public.databasechangelog VALUES ('pre', 'carol', 'db/changes/002.sql', '2026-11-25 21:42:05.203876', 5, 'MARK_RAN', '9:1df2e4225d36f8345e0a8512e68b815f', 'sql', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('each', 'carol', 'db/changes/002.sql', '2026-11-25 21:42:05.218296', 6, 'EXECUTED', '9:fb4b03072ad77c4f93b9fc09d62132d7', 'sql', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('10', 'dan', 'db/changes/more/010.json', '2026-11-25 21:42:05.235567', 7, 'EXECUTED', '9:cf75e37ee64b860fb5d1d1bc943c75fb', 'addColumn tableName=person', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('11', 'dan', 'eleven', '2026-11-25 21:42:05.277619', 8, 'EXECUTED', '9:fd10557f273b1e240b949586df40bcf1', 'createTable tableName=orders', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('view', 'ann', 'db/changelog.xml', '2026-11-25 21:42:05.289316', 9, 'EXECUTED', '9:bac3968f3475d0ce6575116b6aa8c00a', 'createView viewName=v_person', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangelog VALUES ('last', 'ann', 'db/changelog.xml', '2026-11-25 21:42:05.298579', 10, 'EXECUTED', '9:ab44462c06d9f391ed4b0da44dcec8d7', 'sql', '', NULL, '4.28.0', NULL, NULL, '5642924990');
INSERT INTO public.databasechangeloglock VALUES (1, false, NULL, NULL);
INSERT INTO public.person VALUES (1, 'Ann', '1980-02-03', true, NULL);
INSERT INTO public.person VALUES (2, 'ONeill, Bob', NULL, true, NULL);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.databasechangeloglock
    ADD CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
CREATE INDEX ix_person_name ON public.person USING btree (name);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT fk_o_p FOREIGN KEY (person_id) REFERENCES public.person(id);
