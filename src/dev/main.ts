/** `npm start`: the development world, its journey, and then a host that stays up. */
import { CoffreError } from '../crypto/errors.ts'
import { DevError } from './errors.ts'
import { isThere, put, readText } from './files.ts'
import { Stage } from './journey/stage.ts'
import { audit } from './journey/step-9-audit.ts'
import { STEPS } from './journey/steps.ts'
import { HELP, type Options, readOptions } from './options.ts'
import { ensureSamples } from './samples.ts'
import { TerminalScreen } from './screen.ts'
import { type RunningWorld, startWorld } from './services.ts'
import { shownPath } from './shown-path.ts'
import { portalOrigin, portsFor } from './world.ts'

/** Where `main` speaks. */
export interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
}

/** What `data/journey.json` says. */
type Marker = { readonly state: 'begun' | 'held' | 'by-hand'; readonly at: string }

/**
 * Does what `npm start -- <words>` was asked; `stopped` ends it (Ctrl-C). Returns the exit code: 0 when all held (and
 * when Ctrl-C ended the serving), 1 when something did not, 2 for words not understood, 130 when stopped half-way.
 */
export async function main(words: readonly string[], streams: Streams, stopped: Promise<unknown>): Promise<number> {
  const fail = (error: unknown): void => {
    const known = CoffreError.is(error)
    const text = known ? `${error.message} [${error.code}]` : String(error instanceof Error ? error.stack : error)
    streams.stderr.write(`\ncoffre: ${text}\n`)
    const { cause } = error as { cause?: unknown }
    if (cause instanceof Error && DevError.is(error, 'step-failed'))
      streams.stderr.write(`  caused by: ${cause.message}\n`)
  }
  let options: Options
  try {
    options = readOptions(words)
  } catch (error) {
    fail(error)
    return 2
  }
  if (options.help) {
    streams.stdout.write(`${HELP}\n`)
    return 0
  }
  const screen = new TerminalScreen({ output: streams.stdout, progress: streams.stderr, verbose: options.verbose })
  let running: RunningWorld | null = null
  try {
    screen.line('Coffre: a health record that its host cannot read. Development world.', 'bold')
    running = await startWorld({ data: options.data, ports: portsFor(options.data, options.ports), at: new Date() })
    describeWorld(running, screen)
    const halted = stopped.then(() => 'stopped' as const)
    const journey = playOnce(running, { screen, ...options })
    journey.catch(() => undefined) // when Ctrl-C comes first, nobody waits for it any more
    if ((await Promise.race([journey, running.ended, halted])) === 'stopped') return 130
    if (options.once) return 0
    describeServing(running, screen)
    await Promise.race([halted, running.ended])
    screen.line('')
    screen.line('Stopping. The world stays where it is; the next start finds it.')
    return 0
  } catch (error) {
    fail(error)
    return 1
  } finally {
    await running?.stop()
  }
}

/** Plays the journey in a world that has not had it; audits again one that had, when asked to stop after it. */
async function playOnce(
  running: RunningWorld,
  { screen, once, noJourney }: { screen: TerminalScreen } & Pick<Options, 'once' | 'noJourney'>,
) {
  const { layout } = running.world
  const samples = await ensureSamples(layout.samples, new Date())
  const stage = new Stage({ running, samples, screen })
  const marker = isThere(layout.marker) ? (JSON.parse(readText(layout.marker)) as Marker) : null
  const mark = (state: Marker['state']) =>
    put(layout.marker, `${JSON.stringify({ state, at: new Date().toISOString() } satisfies Marker)}\n`)
  if (marker?.state === 'held') {
    screen.line('')
    screen.line(`This world’s journey was played on ${marker.at}; it is not played again.`)
    if (once) await audit(stage)
    return
  }
  if (marker?.state === 'by-hand' || (marker === null && noJourney)) {
    if (once) {
      throw new DevError('This world is left to be played by hand: --once has nothing to play; leave it out', {
        code: 'usage',
      })
    }
    if (marker === null) mark('by-hand')
    screen.line('')
    screen.line('This world’s journey is left for you to play by hand.')
    return
  }
  if (marker !== null) {
    throw new DevError(
      `The journey in ${shownPath(layout.data)} was interrupted on ${marker.at} and cannot be taken up in its middle: remove the folder (rm -r ${shownPath(layout.data)}) or choose another with --data`,
      { code: 'journey-interrupted' },
    )
  }
  mark('begun')
  for (const step of STEPS) {
    screen.heading(step.number, step.title)
    await step.play(stage)
  }
  mark('held')
  screen.line('')
  screen.line('The whole journey holds.', 'green')
}

function describeWorld({ world }: RunningWorld, screen: TerminalScreen): void {
  const { layout, anchors } = world
  screen.line(`World in ${shownPath(layout.data)}; host on ${anchors.urls.patients} (patients, log) and`)
  screen.line(`${anchors.urls.professionals} (professionals, with a card); two witnesses.`)
}

function describeServing({ world, host }: RunningWorld, screen: TerminalScreen): void {
  const { layout, anchors, ports } = world
  const ca = shownPath(`${layout.servers}/root.pem`)
  screen.line('')
  screen.line('The host stays up until Ctrl-C.', 'bold')
  screen.line(`  the pages   ${portalOrigin(ports)}   (the browser must trust ${ca}: docs/portal.md)`)
  screen.line(`  the log     curl --cacert ${ca} ${anchors.urls.patients}/log/checkpoint`)
  screen.line(`  the API     ${anchors.urls.patients}/v1/health   (docs/protocol/api.md lists the routes)`)
  screen.line(
    `  by hand     bin/coffre --help   (docs/try-it.md redoes the journey; mail and SMS arrive in ${shownPath(layout.mail)}, ${shownPath(layout.sms)})`,
  )
  screen.line(`  its words   ${shownPath(host.log)}`)
}

if (import.meta.main) {
  const stopped = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  process.exitCode = await main(process.argv.slice(2), process, stopped)
  // Connections kept alive for the next request must not keep a finished program up.
  process.exit()
}
