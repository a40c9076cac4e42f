import type { Socket } from 'node:net'
import { type KeeperAnswer, USE } from './keeper-protocol.js'

/** Whoever started this process has that long to say so; it may have been killed in between. */
const FIRST_USER_MS = 10_000

/** The processes that use the server: one connection for each use. */
export class Users {
  readonly #using = new Set<Socket>()
  /** Those of them who wait for the answer. */
  readonly #waiting = new Set<Socket>()
  /** Have said goodbye and wait for the server's end, so that `close()` means closed. */
  readonly #leaving = new Set<Socket>()
  readonly #lingerMs: number
  #answer: KeeperAnswer | undefined
  #becomeIdle: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #hadUser = false

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs
  }

  get count(): number {
    return this.#using.size
  }

  /** Takes a new connection; it counts once it has said that it wants to use the server. */
  add(socket: Socket): void {
    let said = ''
    socket.on('data', (chunk) => {
      if (this.#using.has(socket)) return
      said += chunk
      if (!said.startsWith(USE)) return
      clearTimeout(this.#timer)
      this.#hadUser = true
      this.#using.add(socket)
      this.release() // the server goes on
      this.#waiting.add(socket)
      this.#tell()
    })
    socket.on('end', () => this.#leave(socket, true))
    socket.on('close', () => this.#leave(socket, false))
    socket.on('error', () => {}) // `close` follows
  }

  /** Tells each user once, those who come later included. */
  answer(answer: KeeperAnswer): void {
    this.#answer = answer
    this.#tell()
  }

  /** Whoever comes now waits for the next answer. */
  forgetAnswer(): void {
    this.#answer = undefined
  }

  /** Resolves when there has been no user for the time they have to come back. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#becomeIdle = resolve
      if (this.count === 0) this.#wait(this.#hadUser ? this.#lingerMs : FIRST_USER_MS)
    })
  }

  /** Lets those go who waited for the server's end. */
  release(): void {
    for (const socket of this.#leaving) socket.end()
    this.#leaving.clear()
  }

  #tell(): void {
    if (!this.#answer) return
    for (const socket of this.#waiting) socket.write(`${JSON.stringify(this.#answer)}\n`)
    this.#waiting.clear()
  }

  #leave(socket: Socket, isPolite: boolean): void {
    this.#leaving.delete(socket)
    this.#waiting.delete(socket)
    const wasUsing = this.#using.delete(socket)
    if (isPolite && wasUsing && this.count === 0 && this.#lingerMs === 0) this.#leaving.add(socket)
    else if (isPolite) socket.end()
    if (wasUsing && this.count === 0) this.#wait(this.#lingerMs)
  }

  #wait(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#becomeIdle(), delayMs)
  }
}
