import { readFile, writeFile } from 'node:fs/promises'

export type Aim = { readonly atLeast: number } | { readonly atMost: number }

export interface Line {
  readonly what: string
  readonly value: number
  /** What `value` is: a ratio when absent. */
  readonly unit?: string
  readonly aim?: Aim
  readonly detail: string
}

const README = new URL('../README.md', import.meta.url)
const [BEGIN, END] = ['<!-- bench -->', '<!-- /bench -->']

/** Lines as they are measured, and the table they make. */
export class Report {
  readonly #lines: Line[] = []

  add(line: Line): void {
    this.#lines.push(line)
    const { what, detail } = line
    process.stdout.write(`${what.padEnd(58)} ${shownOf(line).padStart(9)}  ${verdictOf(line).padEnd(16)} ${detail}\n`)
  }

  /** Puts the table between the marks of the README; `conditions` say what it was measured with. */
  async write(conditions: string): Promise<void> {
    const rows = this.#lines.map((line) => `| ${line.what} | ${shownOf(line)} | ${verdictOf(line)} | ${line.detail} |`)
    const table = ['| | measured | aim | |', '| --- | ---: | --- | --- |', ...rows].join('\n')
    const readme = await readFile(README, 'utf8')
    const [before, after] = [readme.split(BEGIN)[0], readme.split(END)[1]]
    await writeFile(README, `${before}${BEGIN}\n${conditions}\n\n${table}\n${END}${after}`)
  }
}

function shownOf({ value, unit }: Line): string {
  return `${value.toFixed(value < 10 ? 2 : 0)}${unit ? ` ${unit}` : ''}`
}

function verdictOf({ value, aim }: Line): string {
  if (!aim) return ''
  const holds = 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost
  return `${'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`} ${holds ? 'holds' : 'missed'}`
}
