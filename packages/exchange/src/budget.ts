import type { EpochMs } from '@fullon/market'

/** How much an exchange allows one address. */
export interface Budget {
  /** Sum of what the requests of any window may cost; a request costs 1 unless the exchange weighs it. */
  readonly weight: number
  readonly windowMs: number
  /** The most that is sent at once; what was saved up while nobody asked. */
  readonly burst: number
}

// Costs such as 1.2 do not add up to whole numbers.
const ROUNDING = 1e-6

interface Answered {
  readonly cost: number
  readonly leavesAt: EpochMs
}

/**
 * Keeps what is sent below a budget in every window, and evenly spread inside it. A request leaves the window counted
 * from its answer: when the exchange counted it is not known any better.
 */
export class BudgetMeter {
  readonly #budget: Budget
  /** In the order in which they leave the window. */
  #answered: Answered[] = []
  #answeredCost = 0
  #underWayCost = 0
  #saved: number
  #savedAt: EpochMs
  #share = 1

  constructor(budget: Budget, now: EpochMs) {
    this.#budget = budget
    this.#saved = budget.burst
    this.#savedAt = now
  }

  /** What is allowed here: the exchange's budget times the share. */
  get allowed(): Budget {
    const { weight, windowMs, burst } = this.#budget
    return { weight: weight * this.#share, windowMs, burst: burst * this.#share }
  }

  /** The part of the budget that this process may use: above 0, at most 1. */
  setShare(share: number, now: EpochMs): void {
    this.#save(now)
    this.#share = share
  }

  /** What the current window has cost so far. */
  used(now: EpochMs): number {
    this.#expire(now)
    return this.#underWayCost + this.#answeredCost
  }

  /** How long a request of `cost` has to wait; Infinity: until one that is under way has its answer. */
  waitMs(cost: number, now: EpochMs): number {
    this.#save(now)
    const { weight, windowMs, burst } = this.allowed
    // A request that costs more than is ever saved up goes when all is saved up, and is paid off afterwards.
    const lacking = Math.min(cost, burst) - this.#saved
    const savingMs = lacking > ROUNDING ? Math.ceil(lacking * (windowMs / weight)) : 0
    return Math.max(savingMs, this.#roomMs(this.used(now) + Math.min(cost, weight) - weight, now))
  }

  /** @returns what to call with the time of the answer. */
  spend(cost: number, now: EpochMs): (answeredAt: EpochMs) => void {
    this.#save(now)
    this.#saved -= cost
    this.#underWayCost += cost
    return (answeredAt) => {
      this.#underWayCost -= cost
      this.#answeredCost += cost
      this.#answered.push({ cost, leavesAt: answeredAt + this.#budget.windowMs })
    }
  }

  /** Until enough of the window's requests have left it. */
  #roomMs(excess: number, now: EpochMs): number {
    let left = excess
    for (const { cost, leavesAt } of this.#answered) {
      if (left <= ROUNDING) break
      left -= cost
      if (left <= ROUNDING) return leavesAt - now
    }
    return left > ROUNDING ? Number.POSITIVE_INFINITY : 0
  }

  #expire(now: EpochMs): void {
    const latest = now + this.#budget.windowMs
    // Our clock was set back: nothing stays longer than a window.
    if ((this.#answered.at(-1)?.leavesAt ?? 0) > latest) {
      this.#answered = this.#answered.map(({ cost, leavesAt }) => ({ cost, leavesAt: Math.min(leavesAt, latest) }))
    }
    const staying = this.#answered.findIndex(({ leavesAt }) => leavesAt > now)
    for (const { cost } of this.#answered.splice(0, staying < 0 ? this.#answered.length : staying))
      this.#answeredCost -= cost
  }

  #save(now: EpochMs): void {
    const { weight, windowMs, burst } = this.allowed
    const elapsedMs = Math.max(0, now - this.#savedAt)
    this.#saved = Math.min(burst, this.#saved + (elapsedMs * weight) / windowMs)
    this.#savedAt = now
  }
}
