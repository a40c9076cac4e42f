/** Polls until `probe` gives something other than false or undefined; fails after 10 s with what it waited for. */
export async function waitUntil<T>(what: string, probe: () => Promise<T> | T): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const result = await probe()
    if (result !== false && result !== undefined) return result as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`waited 10 s until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
