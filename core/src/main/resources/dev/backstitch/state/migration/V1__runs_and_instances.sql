-- Each statement may find its work done: where DDL commits by itself, a process may have died between two of them.

create table if not exists bf_run (
  id varchar(200) not null primary key,
  dag varchar(1000) not null,
  actor varchar(1000) not null,
  plan_sha varchar(200) not null,
  state varchar(20) not null,
  epoch bigint not null,
  failure varchar(10000) not null,
  owner_engine varchar(200) not null,
  owner_host varchar(1000) not null,
  owner_pid bigint not null,
  owner_process_start timestamp(6) with time zone not null,
  leased_until timestamp(6) with time zone not null,
  created_at timestamp(6) with time zone not null,
  ended_at timestamp(6) with time zone
);

-- Apart from bf_run, so that the row which each renewal rewrites stays small.
create table if not exists bf_plan (
  run varchar(200) not null primary key references bf_run (id),
  plan text not null
);

create table if not exists bf_instance (
  run varchar(200) not null references bf_run (id),
  task integer not null,
  position integer not null,
  partition varchar(10000) not null,
  state varchar(20) not null,
  epoch bigint not null,
  attempt integer not null,
  not_before timestamp(6) with time zone not null,
  error varchar(10000) not null,
  started_at timestamp(6) with time zone,
  ended_at timestamp(6) with time zone,
  primary key (run, task, position)
);

create index if not exists bf_instance_by_state on bf_instance (run, state, task, position);
