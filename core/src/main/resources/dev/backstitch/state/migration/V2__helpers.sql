-- Several engines may work on a run: its owner, and others that help.

alter table bf_instance add column if not exists claimed_by varchar(200) default '' not null;

create table if not exists bf_helper (
  run varchar(200) not null references bf_run (id),
  engine varchar(200) not null,
  leased_until timestamp(6) with time zone not null,
  primary key (run, engine)
);

create table if not exists bf_place (
  run varchar(200) not null references bf_run (id),
  task integer not null,
  engine varchar(200) not null,
  held integer not null,
  primary key (run, task, engine)
);
