/** `npm run bench`: measures figures, each in a process of its own, one after the other. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figure } from './harness/figure.ts'
import { machineText, outcomeText } from './harness/report.ts'
import type { Message } from './harness/run.ts'
import { allFigures, type FigureFile, select } from './harness/selection.ts'

const HELP = `npm run bench -- [NAME…] [--json] [--rounds N] [--minutes N] [--list]

  NAME        a figure, the beginning of its name, or a group; all of them without one
  --json      one JSON object a line and nothing else: figure, value, unit, against, ratio, target, holds
  --rounds N  rounds that count, instead of each figure's own number (1 gives a quick look)
  --minutes N a figure that takes longer is ended, with all that it started: 15
  --list      the figures there are

Exits 1 when a figure could not be measured. A missed target is in the report, not in the exit code.`

/** A processor that this process may run on; the last, since what else the machine does tends to be on the first. */
function ownProcessor(): string | null {
  try {
    return /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? null
  } catch {
    return null // not Linux: nothing is pinned
  }
}

async function run(
  file: FigureFile,
  { json, rounds, minutes }: { json: boolean; rounds?: string; minutes: string },
): Promise<boolean> {
  const { default: figure } = (await import(pathToFileURL(file.path).href)) as { default: Figure }
  const script = join(import.meta.dirname, 'harness', 'run.ts')
  const node = [
    process.execPath,
    '--expose-gc',
    ...(figure.nodeArguments ?? []),
    script,
    file.path,
    file.name,
    rounds ?? '',
  ]
  const processor = figure.cores === 1 ? ownProcessor() : null
  const [command = '', ...rest] = processor === null ? node : ['taskset', '-c', processor, ...node]
  // a group of its own, which ends as one: a figure starts servers and browsers
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true })
  running = child
  let failed = false
  const tooLong = setTimeout(() => {
    failed = true
    console.error(`${file.name} took more than ${minutes} minutes and was ended; --minutes gives it more`)
    end(child)
  }, Number(minutes) * 60_000)
  child.on('message', (message: Message) => {
    if (message.kind === 'failed') failed = true
    if (message.kind === 'failed') console.error(`${file.name} could not be measured: ${message.why}`)
    else if (message.kind === 'measured' && json) for (const line of message.outcome.lines) print(line)
    else if (message.kind === 'measured') console.log(outcomeText(message.outcome))
    else if (!json) console.log(`\n${file.name}: ${message.figure.what}`)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearTimeout(tooLong)
  return code === 0 && !failed
}

let running: ChildProcess | null = null

/** Ends a figure's process and whatever it started. */
function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, 'SIGKILL')
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (running !== null) end(running)
    process.exit(1)
  })
}

const print = (line: object) => console.log(JSON.stringify(line))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    minutes: { type: 'string', default: '15' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
for (const name of ['rounds', 'minutes'] as const) {
  if (/^[1-9]\d{0,2}$/.test(values[name] ?? '1')) continue
  console.error(`--${name} takes a number from 1 to 999`)
  process.exit(2)
}
if (values.help) {
  console.log(HELP)
} else if (values.list) {
  for (const { group, name } of allFigures()) console.log(`${group.padEnd(10)} ${name}`)
} else {
  let figures: FigureFile[] = []
  try {
    figures = select(allFigures(), positionals)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
  if (!values.json) {
    console.log(`machine  ${machineText()}`)
    console.log(`command  npm run bench -- ${process.argv.slice(2).join(' ')}`)
  }
  for (const figure of figures) if (!(await run(figure, values))) process.exitCode = 1
}
