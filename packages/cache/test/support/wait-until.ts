/** Polls until `probe` gives something other than false or undefined; fails after 25 s with what it waited for. */
export async function waitUntil<T>(what: string, probe: () => Promise<T> | T): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + 25_000
  for (;;) {
    const result = await probe()
    if (result !== false && result !== undefined) return result as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`waited 25 s until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
