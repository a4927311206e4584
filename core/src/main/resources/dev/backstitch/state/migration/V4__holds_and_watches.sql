-- What outlives a task instance: what runs hold downstream, and what is watched after them.

-- The row is there before anything is held, and until it is released.
create table if not exists bf_hold (
  run varchar(200) not null references bf_run (id),
  name varchar(400) not null,
  state varchar(20) not null,
  note varchar(100000) not null,
  since timestamp(6) with time zone not null,
  primary key (run, name)
);

-- Checks that go on after a publish, one row for each watched backfill of a run.
create table if not exists bf_watch (
  run varchar(200) not null references bf_run (id),
  backfill varchar(200) not null,
  state varchar(20) not null,
  next_at timestamp(6) with time zone not null,
  until_at timestamp(6) with time zone not null,
  looks integer not null,
  breaches integer not null,
  last varchar(100000) not null,
  primary key (run, backfill)
);
