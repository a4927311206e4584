-- What runs share across engines: places of pools, who waits for one, and failures by whose they are.

-- Its row is locked while a place is given, so that two engines never count the same free one.
create table if not exists bf_pool (
  name varchar(400) not null primary key,
  next_start timestamp(6) with time zone
);

create table if not exists bf_slot (
  pool varchar(400) not null,
  run varchar(200) not null references bf_run (id),
  task integer not null,
  position integer not null,
  primary key (pool, run, task, position)
);

create index if not exists bf_slot_by_run on bf_slot (run);

create table if not exists bf_ticket (
  pool varchar(400) not null,
  run varchar(200) not null references bf_run (id),
  since timestamp(6) with time zone not null,
  good_until timestamp(6) with time zone not null,
  primary key (pool, run)
);

create table if not exists bf_failure (
  run varchar(200) not null references bf_run (id),
  task integer not null,
  position integer not null,
  budget varchar(20) not null,
  failures integer not null,
  primary key (run, task, position, budget)
);
