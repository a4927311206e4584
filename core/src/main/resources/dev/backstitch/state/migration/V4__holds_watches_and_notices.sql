-- What outlives a task instance: what runs hold downstream, what is watched after them, and what people are told of them.

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

-- What people are told, one row for each notice and channel: it is there until it is told, and afterwards, so that it is told once.
create table if not exists bf_notice (
  channel varchar(400) not null,
  notice_key varchar(400) not null,
  run varchar(200) not null references bf_run (id),
  kind varchar(40) not null,
  text varchar(100000) not null,
  noticed_at timestamp(6) with time zone not null,
  state varchar(20) not null,
  attempts integer not null,
  next_at timestamp(6) with time zone not null,
  error varchar(100000) not null,
  primary key (channel, notice_key)
);

create index if not exists bf_notice_by_state on bf_notice (state);
