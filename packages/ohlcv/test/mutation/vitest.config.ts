import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import shared from '../../../../vitest.shared.js'
import { MUTATIONS } from './mutations.js'

const mutation = MUTATIONS[Number(process.env.MUTATION)]
if (!mutation) throw new RangeError(`MUTATION: expected 0 to ${MUTATIONS.length - 1}, got ${process.env.MUTATION}`)
const file = fileURLToPath(new URL(`../../src/${mutation.file}`, import.meta.url))

/** The tests of this package with one line of it changed on its way from the disk; nothing is written. */
export default mergeConfig(shared, {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  plugins: [
    {
      name: 'mutate',
      enforce: 'pre',
      load(id: string) {
        if (id !== file) return undefined
        const text = readFileSync(file, 'utf8')
        if (text.split(mutation.line).length !== 2) throw new Error(`expected once: ${mutation.line}`)
        return text.replace(mutation.line, () => mutation.becomes)
      },
    },
  ],
})
