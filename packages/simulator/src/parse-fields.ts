/** The fields of a JSON object, each unknown until it is looked at; `undefined` when the text is no JSON. */
export function parseFields(text: string): Record<string, unknown> | undefined {
  try {
    return toFields(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The fields of an object, none of anything else. */
export function toFields(value: unknown): Record<string, unknown> {
  // Cast: every field is unknown until it is looked at.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
