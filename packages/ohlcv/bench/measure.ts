/** Two ways to the same end, by turns in one run, so that what else the machine does meets both. */
export interface Comparison {
  /** Time of theirs : time of ours, median of the rounds. */
  readonly ratio: number
  readonly oursMs: number
  readonly theirsMs: number
}

export async function compare(
  rounds: number,
  ours: (round: number) => Promise<unknown>,
  theirs: (round: number) => Promise<unknown>,
): Promise<Comparison> {
  const times: { oursMs: number; theirsMs: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const oursFirst = round % 2 === 0
    const first = await timeOf(() => (oursFirst ? ours : theirs)(round))
    const second = await timeOf(() => (oursFirst ? theirs : ours)(round))
    times.push(oursFirst ? { oursMs: first, theirsMs: second } : { oursMs: second, theirsMs: first })
  }
  return {
    ratio: median(times.map(({ oursMs, theirsMs }) => theirsMs / oursMs)),
    oursMs: median(times.map(({ oursMs }) => oursMs)),
    theirsMs: median(times.map(({ theirsMs }) => theirsMs)),
  }
}

/** Milliseconds; what `run` measured itself when it gives a number. */
export async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  const measured = await run()
  return typeof measured === 'number' ? measured : performance.now() - startedAt
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
