import { defineConfig } from 'drizzle-kit'

// Run by `pnpm generate`: drizzle-kit alone does not find `./users.ts` where `./users.js` is imported.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/*.ts',
  out: './drizzle',
})
