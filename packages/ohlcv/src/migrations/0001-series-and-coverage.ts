/** Series, their rows in weekly partitions, and the coverage that vouches for them. */
export const seriesAndCoverage = `
  create table ohlcv.series (
    series_id int generated always as identity primary key,
    exchange text not null,
    sandbox boolean not null default false,
    symbol text not null,
    timeframe text, -- null: trades
    unique nulls not distinct (exchange, symbol, sandbox, timeframe)
  );

  create table ohlcv.coverage (
    series_id int primary key references ohlcv.series on delete cascade,
    covered tstzmultirange not null default '{}',
    confirmed tstzmultirange not null default '{}',
    built tstzmultirange not null default '{}'
  );

  create table ohlcv.unavailable (
    series_id int not null references ohlcv.series on delete cascade,
    span tstzrange not null,
    reason text not null,
    noted_at timestamptz not null default now()
  );
  create index on ohlcv.unavailable (series_id);

  create table ohlcv.candles (
    series_id int not null,
    "timestamp" timestamptz not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    primary key (series_id, "timestamp")
  ) partition by range ("timestamp");

  -- Ids sort by length and then bytes, as compareTrades of @fullon/market does, whatever the database's collation.
  create table ohlcv.trades (
    series_id int not null,
    "timestamp" timestamptz not null,
    trade_id text collate "C" not null,
    side text not null check (side in ('buy', 'sell')),
    price double precision not null,
    amount double precision not null,
    primary key (series_id, "timestamp", trade_id)
  ) partition by range ("timestamp");
`
