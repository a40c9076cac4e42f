/** Epoch milliseconds of the first trade; each is a millisecond after the one before. */
export const START = Date.UTC(2026, 0, 1)
/** What the readers' time is taken over. */
export const TRADES = 150_000
/** Trades are vouched for once newer ones by five seconds are there: these push the last of them out. */
export const MORE = 6_000
