/**
 * What `promise` gives, if that is within `timeoutMs` of the machine's time: what is waited for is a socket.
 *
 * @throws Error when it takes longer; the promise is left to itself.
 */
export async function withinMs<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`none within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
