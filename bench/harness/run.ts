/** Runs one figure in a process of its own and sends what each contest came to to the process that started it. */
import { pathToFileURL } from 'node:url'
import { measure, type Outcome } from './contest.ts'
import type { Figure } from './figure.ts'

/** Messages to `main.ts`. */
export type Message =
  | { readonly kind: 'began'; readonly figure: Pick<Figure, 'what'> }
  | { readonly kind: 'measured'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly why: string }

const [file = '', name = '', rounds] = process.argv.slice(2)
const tell = (message: Message) => new Promise<void>(resolve => void process.send?.(message, () => resolve()))

try {
  const { default: figure } = (await import(pathToFileURL(file).href)) as { default: Figure }
  await tell({ kind: 'began', figure: { what: figure.what } })
  for await (const contest of figure.contests()) {
    const options = { figure: name, unit: figure.unit, rounds: rounds ? Number(rounds) : undefined }
    await tell({ kind: 'measured', outcome: await measure(contest, options) })
  }
} catch (error) {
  await tell({ kind: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.exitCode = 1
}
process.disconnect?.()
