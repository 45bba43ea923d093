/** `npm run fuzz`: altered and made-up inputs for every parser and opener. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Tally } from './loop.ts'
import { targets } from './targets/index.ts'
import type { Told, Work } from './worker.ts'

const HELP = `npm run fuzz -- [TARGET…] [--runs N] [--each] [--seconds N] [--seed N] [--from N] [--json] [--list]

  TARGET       a target's name or the beginning of one; all of them without one
  --runs N     inputs in all, shared out by how fast the targets are (default 1000000); with --each, for each target
  --seconds N  ends after so many seconds
  --seed N     0..4294967295; the same seed makes the same changes (default: of the clock, printed)
  --from N     number of the first input: with --runs 1 --each, one input alone
  --json       one JSON object at the end, and nothing else on standard output
  --list       the targets there are

Ten million inputs take about twenty minutes on one core. Exits 1 when an input was answered as none may be: by an error that is not one of ours or has a
code that is not documented, by accepting what was altered, or not at all within a minute.`

/** No input may take longer, milliseconds. Generous: this also runs on loaded machines. */
const HANG_MS = 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000000' },
    each: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    from: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function whole(name: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  console.error(`--${name} takes a whole number`)
  process.exit(2)
}

const number = (value: number) => value.toLocaleString('en-US')
const progress = (text: string) => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`))

function tallyText({ target, inputs, accepted, refused, findings, seconds }: Tally): string {
  const codes = Object.entries(refused)
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${number(count)}`)
  const rate = `${number(Math.round(inputs / seconds))}/s`
  const verdict = findings.length === 0 ? '' : `  ${findings.length} FINDINGS`
  return `${target.padEnd(20)} ${number(inputs).padStart(11)}  ${rate.padStart(10)}  accepted ${number(accepted)}; ${codes.join(', ')}${verdict}`
}

async function run(work: Omit<Work, 'place'>): Promise<{ tallies: Tally[]; hung: string | null }> {
  const place = new SharedArrayBuffer(8)
  const at = new Float64Array(place)
  const worker = new Worker(join(import.meta.dirname, 'worker.ts'), { workerData: { ...work, place } satisfies Work })
  const tallies: Tally[] = []
  let current: { name: string; runs: number } | null = null
  let seen = -1
  let since = performance.now()
  return await new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const index = at[0] ?? 0
      if (current === null) return
      progress(`${current.name}  ${number(index - work.from)} of ${number(current.runs)}`)
      if (index !== seen) since = performance.now()
      seen = index
      if (performance.now() - since < HANG_MS) return
      const hung = `${current.name} does not answer input ${index} of seed ${work.seed}`
      void worker.terminate().then(() => resolve({ tallies, hung }))
    }, 500)
    worker.on('message', (told: Told) => {
      since = performance.now()
      seen = -1
      if (told.kind === 'target') current = told
      if (told.kind !== 'tally') return
      current = null
      tallies.push(told.tally)
      progress('')
      if (values.json) return
      console.log(tallyText(told.tally))
      for (const { index, why, input } of told.tally.findings.slice(0, 3)) {
        console.log(`  input ${index} of seed ${work.seed}: ${why}\n  ${JSON.stringify(input.slice(0, 2000))}`)
      }
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      clearInterval(watch)
      resolve({ tallies, hung: null })
    })
  })
}

function summary(seed: number, seconds: number, { tallies, hung }: { tallies: Tally[]; hung: string | null }) {
  return {
    seed,
    seconds: Math.round(seconds),
    targets: tallies.length,
    inputs: tallies.reduce((sum, { inputs }) => sum + inputs, 0),
    findings: tallies.flatMap(({ findings }) => findings),
    hung,
    each: tallies.map(({ target, inputs, accepted, refused }) => ({ target, inputs, accepted, refused })),
  }
}

if (values.help) {
  console.log(HELP)
} else if (values.list) {
  for (const { name } of targets) console.log(name)
} else {
  const names = targets
    .map(({ name }) => name)
    .filter(name => positionals.length === 0 || positionals.some(word => name.startsWith(word)))
  if (names.length === 0) {
    console.error(`No target is called ${positionals.join(', ')}: see npm run fuzz -- --list`)
    process.exit(2)
  }
  const seed = whole('seed', values.seed)
  const began = performance.now()
  if (!values.json)
    console.log(
      `seed ${seed}, ${names.length} targets, Node ${process.versions.node}, one of ${availableParallelism()} cores`,
    )
  const result = await run({
    names,
    seed,
    from: whole('from', values.from),
    runs: whole('runs', values.runs),
    each: values.each,
    seconds: values.seconds === undefined ? null : whole('seconds', values.seconds),
  })
  const all = summary(seed, (performance.now() - began) / 1000, result)
  if (values.json) console.log(JSON.stringify(all))
  else {
    console.log(
      `${number(all.inputs)} inputs over ${all.targets} targets in ${all.seconds} s: ${all.findings.length} findings${all.hung === null ? '' : `; ${all.hung}`}`,
    )
  }
  process.exitCode = all.findings.length === 0 && all.hung === null && all.targets === names.length ? 0 : 1
}
