import { afterEach, describe, expect, it, vi } from 'vitest'
import { users } from '../src/schema/users.js'

afterEach(() => void vi.unstubAllEnvs())

describe('epochMs', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('reads and writes UTC on a machine in %s', (zone) => {
    vi.stubEnv('TZ', zone)
    const noon = Date.UTC(2024, 6, 1, 12)
    expect(users.timestamp.mapFromDriverValue('2024-07-01 12:00:00')).toBe(noon)
    expect(users.timestamp.mapFromDriverValue('2024-07-01 12:00:00.123456')).toBe(noon + 123)
    expect(users.timestamp.mapFromDriverValue('2024-07-01 14:00:00+02')).toBe(noon)
    expect(users.timestamp.mapFromDriverValue('2024-07-01 17:30:00+05:30')).toBe(noon)
    expect(users.timestamp.mapToDriverValue(noon)).toBe('2024-07-01T12:00:00.000Z')
  })
})
