import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Two files at a time: most of them start a Postgres or a simulator of their own.
  test: { projects: ['packages/*', 'apps/*', 'examples'], maxWorkers: 2 },
})
