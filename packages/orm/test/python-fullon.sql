-- The tables as Python's fullon makes them: varchar and smallint, defaults in few places,
-- constraints by other names, no quote and no active in symbols.
create table users (
  uid serial not null constraint users_pk primary key,
  mail varchar(80) not null constraint unique_mail unique,
  password char(64) not null,
  f2a varchar(16) not null,
  role varchar(10) not null,
  name varchar(50) not null,
  lastname varchar(50) not null,
  phone varchar(12) not null,
  id_num varchar(15) not null,
  note text,
  manager integer constraint client_manager references users,
  timestamp timestamp not null default (now() at time zone 'utc'),
  active bool not null default true
);
create table cat_exchanges (
  cat_ex_id serial not null constraint cat_exchange_pk primary key,
  name varchar(30) not null constraint unique_ex unique,
  ohlcv_view text
);
create table exchanges (
  ex_id serial not null constraint exchange_pk primary key,
  uid integer not null constraint user_id references users on delete restrict,
  cat_ex_id integer not null constraint exchange_cat_exchange references cat_exchanges on delete restrict,
  name varchar(50) not null,
  test bool not null default false,
  active bool not null default true,
  timestamp timestamp not null default (now() at time zone 'utc'),
  constraint unique_user_exchange unique (uid, cat_ex_id, name)
);
create table symbols (
  symbol_id serial not null constraint symbol_pk primary key,
  symbol varchar(20) not null,
  cat_ex_id integer not null constraint cat_ex_id references cat_exchanges on delete restrict,
  updateframe varchar(2) not null default '1h',
  backtest smallint not null default 30,
  decimals smallint not null default 8,
  base varchar(6) not null,
  ex_base varchar(6),
  futures bool not null default false,
  only_ticker bool not null default false,
  constraint "symbol_Exchange" unique (symbol, cat_ex_id)
);
create table cat_exchanges_params (
  cat_ex_id integer not null constraint cat_ex_id references cat_exchanges,
  name varchar(20) not null,
  value varchar(20) not null,
  constraint unique_param_symbol unique (cat_ex_id, name)
);

insert into users (mail, password, f2a, role, name, lastname, phone, id_num, timestamp)
  values ('admin@fullon', repeat('a', 64), '---', 'ADMIN', 'robert', 'plant', '666666666', '3242', '2024-05-06 07:08:09');
insert into cat_exchanges (name, ohlcv_view) values ('kraken', ''), ('bitmex', '');
insert into exchanges (uid, cat_ex_id, name) values (1, 1, 'kraken1'), (1, 2, 'bitmex1');
insert into symbols (symbol, cat_ex_id, base, ex_base) values ('BTC/USD', 1, 'BTC', 'XBT'), ('XBT/USD:XBT', 2, 'XBT', null);
insert into cat_exchanges_params values (1, 'trades', 'on');
