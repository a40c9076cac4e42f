/** What is known of the weekly partitions' order on disk. */
export const seals = `
  create table ohlcv.seals (
    partition text primary key,
    changes bigint not null, -- rows written since it was made, as the server counted them at the last look
    changed_at timestamptz not null, -- the first look at which they were so many
    sealed_changes bigint -- as many as that when it was last sealed; null: never
  );
`
