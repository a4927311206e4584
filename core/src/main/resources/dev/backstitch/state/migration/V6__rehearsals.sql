-- What the last rehearsal of a dag has measured, from which plans estimate how long a run takes.
create table if not exists bf_rehearsal (
  dag varchar(200) not null primary key,
  rehearsed_at timestamp(6) with time zone not null,
  measured text not null
);
