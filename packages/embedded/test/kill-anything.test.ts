import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { openEmbeddedPostgres } from '../src/index.js'
import { connect, kill, listProcesses, startUser, test } from './server-under-test.js'

const ROUNDS = 6

test.for([1, 7, 42])(
  'no kill at any moment loses a row or blocks the next open (seed %i)',
  { timeout: 180_000 }, // a server that Postgres leaves hanging costs ten seconds a round before it is cut
  async (seed, { dataDir }) => {
    const random = randomFrom(seed)
    for (let round = 0; round < ROUNDS; round++) {
      // It may be killed before it has a server, so its failure to get one is no news.
      const user = startUser(dataDir).catch(() => undefined)
      await sleep(random() * 1_500) // the moment is what is tested: from before the keeper to after the server
      for (const pid of listProcesses(dataDir)) if (random() < 0.6) kill(pid)
      await using embedded = await openEmbeddedPostgres({ dataDir })
      await using sql = connect(embedded.url)
      await sql`create table if not exists kept (round int primary key)`
      expect(await sql`select count(*)::int from kept`).toEqual([{ count: round }])
      await sql`insert into kept values (${round})`
      const pid = (await user)?.child.pid
      if (pid) kill(pid)
    }
  },
)

/** Numerical Recipes' linear congruential generator: the same moments for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
