/** The shortest decimal that parses to exactly `value`, never in exponent form: `0.00000001`, not `1e-8`. */
export function plainDecimal(value: number): string {
  const [mantissa = '', exponentText] = String(value).split('e')
  if (exponentText === undefined) return mantissa
  const exponent = Number(exponentText)
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  // Numbers print an exponent from 1e21 on, far beyond their 17 digits: the point is never among them.
  return sign + digits.padEnd(point, '0')
}
