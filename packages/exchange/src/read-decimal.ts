const POWERS_OF_TEN = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15] as const
/** So many digits are exact in a double, and so is every power of ten that goes with them. */
const MOST_CHARACTERS = 15
const ZERO = 48
const NINE = 57
const POINT = 46

/**
 * A price or an amount such as `60000.10`, as `Number` reads it and in half the time: both parts of the one division
 * are exact, so its result is the nearest double (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
 *
 * @returns undefined for any text that is not up to 15 characters of digits with at most one point.
 */
export function readDecimal(text: string): number | undefined {
  const { length } = text
  if (length > MOST_CHARACTERS) return undefined
  let mantissa = 0
  let digits = 0
  let decimals = 0
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code >= ZERO && code <= NINE) {
      mantissa = mantissa * 10 + (code - ZERO)
      digits++
    } else if (code === POINT && digits === index) {
      decimals = length - index - 1
    } else {
      return undefined
    }
  }
  if (digits === 0) return undefined
  return mantissa / (POWERS_OF_TEN[decimals] ?? Number.NaN)
}
