const CODES = { green: 32, red: 31, yellow: 33, blue: 34, cyan: 36, grey: 90 } as const

export type Colour = keyof typeof CODES

/** Colours only a terminal that has them, and that was not asked to leave it (`NO_COLOR`). */
export function hasColour(out: NodeJS.WriteStream = process.stdout): boolean {
  return out.isTTY === true && out.hasColors()
}

export function paint(text: string, colour: Colour): string {
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`
}
