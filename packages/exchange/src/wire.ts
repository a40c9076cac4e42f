export type Fields = Readonly<Record<string, unknown>>

/** The fields of something that came over a wire; none where it is not an object. */
export function fields(value: unknown): Fields {
  // Cast: every field is unknown until it is looked at.
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
