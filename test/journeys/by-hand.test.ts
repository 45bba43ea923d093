import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { spokenGroups } from '../../src/dev/spoken-text.ts'
import { portWords } from '../fixtures/ports.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// docs/try-it.md, done: each command of the page in a shell of its own, its questions answered as the page says, and
// what it prints compared with what stands below it there.

const ROOT = join(import.meta.dirname, '..', '..')
const PAGE = readFileSync(join(ROOT, 'docs', 'try-it.md'), 'utf8')
const SECRET_CODE = 'Tilleul-47-brume'

interface Block {
  readonly commands: readonly string[]
  /** What stands below the commands; null when nothing does. */
  readonly printed: readonly string[] | null
}

const BLOCKS: readonly Block[] = [...PAGE.matchAll(/```sh\n([^`]+)```\n(?:```text\n([^`]+)```\n)?/g)].map(
  ([, commands = '', printed]) => ({
    commands: commands.trimEnd().split('\n'),
    printed: printed === undefined ? null : printed.trimEnd().split('\n'),
  }),
)

/** Everything that is another in each world, as a word that stands for it. */
function alike(line: string): string {
  return line
    .replace(/(?<= )\/\S*\/(?=kit\.pdf)/, '')
    .replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, 'HASH')
    .replace(/\b\d{22}\b|\b(?:\d{5} ){4}\d\d\b/g, 'INS')
    .replace(/(?<![\w-])[\w-]{22}(?![\w-])/g, 'ID')
    .replace(/(?<=(?:opening|activation)-)[\w-]{16}(?=\.pdf)/g, 'LETTER')
    .replace(/\b(?:[0-9A-Z]{4} ){5}[0-9A-Z]{4}\b/g, 'FINGERPRINT')
    .replace(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, 'DATE')
    .replace(/(?<=^ {24}|screen: )(?:\p{Ll}+ ){5}\p{Ll}+$/u, 'SIX WORDS')
    .replace(/[\d.]+ KiB/g, 'KIB')
    .replace(/(?<=the (?:public )?log of )\d+/, 'N')
    .replace(/(?<=entry )\d+(?= of the log)/, 'N')
}

/** `npm start -- …` of the first terminal, up and serving. */
async function startWorld(data: string): Promise<ChildProcess> {
  const program = join(ROOT, 'src', 'dev', 'main.ts')
  const words = [program, '--data', data, '--no-journey', ...(await portWords())]
  const world = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  await new Promise<void>(resolve => {
    world.once('exit', resolve)
    world.stdout.on('data', (part: Buffer) => {
      said += part.toString()
      if (said.includes('its words')) resolve()
    })
  })
  t.match(said, /left for you to play by hand/)
  return world
}

/** The person at the second terminal. */
class Person {
  readonly #world: string
  readonly #environment: string
  #mailsRead = 0

  constructor(world: string, scratch: string) {
    this.#world = world
    this.#environment = join(scratch, 'environment')
    writeFileSync(this.#environment, '')
  }

  /** Types one command; variables it sets are there for the next. */
  async types(command: string): Promise<{ lines: string[]; exitCode: number | null }> {
    const kept = this.#environment
    const shell = spawn('sh', ['-c', `set -a; . '${kept}'; ${command}\ncode=$?; export -p > '${kept}'; exit $code`], {
      cwd: this.#world,
      env: { ...process.env, PATH: `${join(ROOT, 'bin')}${delimiter}${process.env.PATH}` },
    })
    let out = ''
    let errors = ''
    let question = ''
    shell.stdout.on('data', (part: Buffer) => {
      out += part.toString()
    })
    shell.stderr.on('data', (part: Buffer) => {
      question += part.toString()
      const asked = /(?:^|\n)([^\n]+:) $/.exec(question)?.[1]
      if (asked === undefined) return
      errors += question.slice(0, question.lastIndexOf(asked))
      question = ''
      void this.#answer(asked).then(answer => shell.stdin.write(`${answer}\n`))
    })
    const [exitCode] = (await once(shell, 'close')) as [number | null]
    const lines = `${out}${errors}${question}`.trimEnd().split('\n')
    return { lines: lines[0] === '' && lines.length === 1 ? [] : lines, exitCode }
  }

  async #answer(asked: string): Promise<string> {
    const group = /^Group (\d+) of the recovery key/.exec(asked)?.[1]
    if (group !== undefined) return this.#groups('kit.pdf')[Number(group) - 1] ?? ''
    if (asked.startsWith('Recovery key')) return this.#groups('kit.pdf').join('-')
    if (asked.startsWith('Opening code')) return this.#letter('opening')
    if (asked.startsWith('Activation code')) return this.#letter('activation')
    if (asked.startsWith('Secret code')) return SECRET_CODE
    if (asked.startsWith('One-time password')) return await this.#mail()
    if (asked.startsWith('PIN of the card')) return '1234'
    throw new Error(`The page does not say what to answer to ${asked}`)
  }

  #groups(file: string): string[] {
    return spokenGroups(readFileSync(join(this.#world, file)))
  }

  #letter(purpose: string): string {
    const name = readdirSync(join(this.#world, 'insurer', 'letters')).find(each => each.startsWith(purpose))
    return this.#groups(join('insurer', 'letters', name ?? '')).join('-')
  }

  /** The one-time password of the newest mail, once there is a new one. */
  async #mail(): Promise<string> {
    const folder = join(this.#world, 'mail')
    let names = readdirSync(folder).sort()
    for (; names.length <= this.#mailsRead; names = readdirSync(folder).sort()) await sleep(50)
    this.#mailsRead = names.length
    const code = /code: (\d{8})/.exec(readFileSync(join(folder, names.at(-1) ?? ''), 'utf8'))?.[1]
    return code ?? ''
  }
}

/** What the last line of a command says of its exit code (`coffre --help`, `coffre audit verify --help`). */
function exitCodeFor(lines: readonly string[]): number {
  if (lines.some(line => line.startsWith('DOES NOT HOLD'))) return 14
  const code = /^coffre: .* \[([a-z-]+)\]$/.exec(lines.at(-1) ?? '')?.[1]
  if (code === undefined) return 0
  return code === 'not-opened' ? 5 : 3
}

/** Whether lines are those of the page, where `…` alone stands for any. */
function compare(lines: readonly string[], printed: readonly string[]): { found: string[]; wanted: string[] } {
  const wanted = printed.map(alike)
  const found = lines.map(alike)
  const gap = wanted.indexOf('…')
  if (gap < 0) return { found, wanted }
  const tail = wanted.length - gap - 1
  return { found: [...found.slice(0, gap), '…', ...found.slice(found.length - tail)], wanted }
}

t.test('the page, line by line', async t => {
  const folder = testFolder(t, { data: {} })
  const data = join(folder, 'data')
  const [first, second, ...rest] = BLOCKS
  t.strictSame(first?.commands, ['npm start -- --data data/by-hand --no-journey'])
  t.strictSame(second?.commands, ['export PATH="$PWD/bin:$PATH"', 'cd data/by-hand'])
  t.ok(rest.length > 25, 'the page has its commands')

  const world = await startWorld(data)
  t.teardown(async () => {
    world.kill('SIGINT')
    await once(world, 'exit')
  })
  const person = new Person(data, folder)
  for (const { commands, printed } of rest) {
    const lines: string[] = []
    for (const command of commands) {
      const done = await person.types(command)
      t.equal(done.exitCode, exitCodeFor(done.lines), `${command}: its exit code\n${done.lines.join('\n')}`)
      lines.push(...done.lines)
    }
    t.ok(printed !== null, 'the page shows what is printed')
    const { found, wanted } = compare(lines, printed ?? [])
    t.strictSame(found, wanted, commands.join('\n'))
  }
})
