/** The `coffre` program: finds the command, reads its options, runs it, says what went wrong. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { CoffreError } from '../crypto/errors.ts'
import { type Arguments, type Command, type Io, UsageError } from './command.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { commandPage, overview } from './help.ts'
import { ProgressBar, type Terminal } from './progress.ts'
import { COMMANDS, GROUPS, nearestCommand } from './registry.ts'

/** Where the program speaks: a process's streams, or a test's. */
export interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: Terminal
  /** Absent where nobody can answer questions. */
  readonly stdin?: NodeJS.ReadStream
}

/** Runs one command line and returns the exit code (`exit-codes.ts`). Never throws. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  const json = argv.includes('--json')
  const bar = new ProgressBar(streams.stderr)
  try {
    return await dispatch(argv, streams, { json, bar })
  } catch (error) {
    bar.clear()
    streams.stderr.write(`${describe(error, json)}\n`)
    return exitCodeOf(error)
  }
}

async function dispatch(
  argv: readonly string[],
  streams: Streams,
  { json, bar }: { json: boolean; bar: ProgressBar },
): Promise<number> {
  const say = (text: string) => void streams.stdout.write(`${text}\n`)
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
  const wantsHelp = words.includes('--help') || words.includes('-h')
  const [group, verb] = words
  if (group === undefined || group === '--help' || group === '-h') {
    say(overview())
    return EXIT.ok
  }
  if (group === '--version' || group === '-V') {
    say(json ? JSON.stringify({ version: version() }) : version())
    return EXIT.ok
  }
  if (Object.hasOwn(GROUPS, group) && (verb === undefined || verb.startsWith('-'))) {
    if (!wantsHelp && verb !== undefined) throw unknown(group)
    say(overview(group))
    return wantsHelp ? EXIT.ok : EXIT.usage
  }
  const name = `${group} ${verb ?? ''}`.trim()
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (entry === undefined) throw unknown(name)
  const { command } = await entry.load()
  if (wantsHelp) {
    say(commandPage(command))
    return EXIT.ok
  }
  const args = readArguments(command, words.slice(2))
  const io = makeIo(streams, { json, bar })
  const result = await command.run(args, io)
  bar.clear()
  if (json) say(JSON.stringify(result))
  return command.exitCode?.(result) ?? EXIT.ok
}

/** Options and positionals as the command declares them. Throws `UsageError`. */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> = {
    json: { type: 'boolean' },
  }
  for (const [name, { type, short, multiple }] of Object.entries(command.options)) {
    options[name] = { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) }
  }
  const hint = `; see coffre ${command.name} --help`
  let parsed: { values: Record<string, string | boolean | (string | boolean)[] | undefined>; positionals: string[] }
  try {
    parsed = parseArgs({ args: withIds(words, options), options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new UsageError(`${firstSentence(cause)}${hint}`, { cause })
  }
  for (const [name, spec] of Object.entries(command.options)) {
    if (spec.required && parsed.values[name] === undefined) {
      throw new UsageError(`--${name} is missing (${spec.description})${hint}`)
    }
  }
  const positionals = command.positionals ?? []
  const missing = positionals[parsed.positionals.length]
  if (missing?.required) throw new UsageError(`${missing.name} is missing (${missing.description})${hint}`)
  if (parsed.positionals.length > positionals.length) {
    const names = positionals.map(({ name }) => name).join(' ') || 'nothing'
    throw new UsageError(`coffre ${command.name} takes ${names} besides its options${hint}`)
  }
  return { values: parsed.values, positionals: parsed.positionals }
}

/** An id (16 or 32 bytes as base64url) may begin with a dash: then `parseArgs` would take it for an option. */
const ID = /^-(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})$/

/** The words with such ids put where `parseArgs` takes them as they are: `--name=ID`, or behind `--`. */
function withIds(words: readonly string[], options: Readonly<Record<string, { readonly type: string }>>): string[] {
  const others: string[] = []
  const ids: string[] = []
  const end = words.includes('--') ? words.indexOf('--') : words.length
  for (let i = 0; i < end; i++) {
    const word = words[i] as string
    const next = i + 1 < end ? words[i + 1] : undefined
    if (word.startsWith('--') && options[word.slice(2)]?.type === 'string' && next !== undefined && ID.test(next)) {
      others.push(`${word}=${next}`)
      i++
    } else if (ID.test(word) && options[word.slice(2)] === undefined) ids.push(word)
    else others.push(word)
  }
  return [...others, '--', ...ids, ...words.slice(end + 1)]
}

function firstSentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : 'The options cannot be read'
  return message.split('. ')[0] ?? message
}

function unknown(name: string): UsageError {
  const nearest = nearestCommand(name)
  const next = nearest === null ? 'coffre --help lists the commands' : `did you mean "coffre ${nearest}"?`
  return new UsageError(`There is no command "${name}"; ${next}`, { code: 'command-unknown' })
}

/** What is printed about an error: its message and code; of a defect, no more than its kind and message. */
function describe(error: unknown, json: boolean): string {
  const debug = process.env.COFFRE_DEBUG !== undefined && error instanceof Error ? `\n${error.stack}` : ''
  const known = CoffreError.is(error)
  const code = known ? error.code : 'unexpected'
  let message = error instanceof Error ? error.message : String(error)
  if (!known) message = `unexpected error, please report it (COFFRE_DEBUG=1 shows where): ${message}`
  return json ? JSON.stringify({ error: { code, message } }) : `coffre: ${harmless(message)} [${code}]${debug}`
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}

function makeIo(streams: Streams, { json, bar }: { json: boolean; bar: ProgressBar }): Io {
  const { stdin } = streams
  const io: Io = {
    json,
    clock: () => new Date(),
    print(line) {
      bar.clear()
      if (!json) streams.stdout.write(`${harmless(line)}\n`)
    },
    progress: (label, done, total) => bar.update(label, done, total),
  }
  if (stdin !== undefined) {
    io.ask = async (question, options) => {
      bar.clear()
      return await askOn(stdin, streams.stderr, { question, hidden: options?.hidden ?? false })
    }
  }
  return io
}

/** Titles and names come from others: what would move the cursor, change colours or reverse the text is shown as such. */
function harmless(line: string): string {
  return line.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}

/** Lines typed ahead (a pipe) wait here for the next question. */
const typedAhead = new WeakMap<NodeJS.ReadStream, AsyncIterator<string>>()

/** Asks on standard error, so that standard output stays the result alone. Throws `UsageError` `answer-missing`. */
async function askOn(
  stdin: NodeJS.ReadStream,
  stderr: Terminal,
  { question, hidden }: { question: string; hidden: boolean },
): Promise<string> {
  if (stdin.isTTY) {
    // Before the question is seen: the terminal must not echo what is typed from then on.
    const lines = createInterface({ input: stdin, terminal: hidden })
    stderr.write(`${question} `)
    try {
      return (await lines.question('')).trim()
    } finally {
      lines.close()
      if (hidden) stderr.write('\n')
    }
  }
  stderr.write(`${question} `)
  let lines = typedAhead.get(stdin)
  if (lines === undefined) {
    lines = createInterface({ input: stdin })[Symbol.asyncIterator]()
    typedAhead.set(stdin, lines)
  }
  const next = await lines.next()
  if (next.done) {
    throw new UsageError('Nobody answers on standard input; give the value as an option', { code: 'answer-missing' })
  }
  return next.value.trim()
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
  })
  // Whoever answers through a pipe may leave it open.
  if ('unref' in process.stdin) process.stdin.unref()
}
