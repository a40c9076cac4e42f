/**
 * `BAD_RECORDING`: the bytes of a recording are not what they must be; the message quotes the row.
 * `BAD_FAULT_PLAN`: a fault is not one; the message quotes it.
 */
export type SimulatorErrorCode = 'BAD_RECORDING' | 'BAD_FAULT_PLAN'

export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
  readonly code: SimulatorErrorCode

  constructor(code: SimulatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
