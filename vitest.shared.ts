import { defineConfig } from 'vitest/config'

/** What every package's tests share: they run from sources, and a test that hangs says so. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@fullon/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
