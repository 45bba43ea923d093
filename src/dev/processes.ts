import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DevError } from './errors.ts'
import { folder } from './files.ts'
import { PORT_OPTIONS, type Ports } from './layout.ts'

// The host and the witnesses of the development world: processes of their own, started as a person would start them,
// on this very Node, and stopped by their process id.

const PROGRAM = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
/** How long a process may take to answer after its start, ms. */
const READY_MS = 30_000
/** How long one may take to stop by itself, ms. */
const STOP_MS = 10_000

/** What to start, and where it answers once it is ready. */
export interface Service {
  /** `host`, `witness-1`: also the name of its log file. */
  readonly name: string
  /** Words after `coffre`. */
  readonly words: readonly string[]
  /** Polled until anything but a server error answers. */
  readonly url: string
  /** PEM of the authority that signed its certificate, for https. */
  readonly authority?: string
}

/** Throws `DevError` `port-taken`, naming the option that changes the port, when one of them cannot be listened on. */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const names = Object.keys(PORT_OPTIONS) as (keyof Ports)[]
  for (const name of names) {
    for (const other of names) {
      if (other !== name && ports[other] === ports[name]) {
        throw new DevError(`--${PORT_OPTIONS[name]} and --${PORT_OPTIONS[other]} are both ${ports[name]}: change one`, {
          code: 'port-taken',
        })
      }
    }
    const probe = createServer()
    try {
      probe.listen(ports[name], '127.0.0.1')
      await once(probe, 'listening')
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code === 'EACCES' ? 'is not ours to take' : 'is taken'
      throw new DevError(
        `Port ${ports[name]} ${why}; stop what listens there, or choose another: npm start -- --${PORT_OPTIONS[name]} ${ports[name] + 1000}`,
        { code: 'port-taken', cause },
      )
    } finally {
      probe.close()
    }
  }
}

/** A running service. */
export class RunningService {
  readonly name: string
  /** What it prints goes there. */
  readonly log: string
  /** Rejects (`DevError` `process-ended`) when the process ends without having been stopped. */
  readonly ended: Promise<never>
  readonly #child: ChildProcess
  #stopping = false
  #isOver = false
  readonly #exit: Promise<void>

  private constructor(name: string, log: string, child: ChildProcess) {
    this.name = name
    this.log = log
    this.#child = child
    const ended = Promise.withResolvers<never>()
    ended.promise.catch(() => undefined) // whoever waits for it hears of it; nobody need
    this.ended = ended.promise
    this.#exit = new Promise(resolve => {
      const over = (what: string) => {
        this.#isOver = true
        process.removeListener('exit', this.#killNow)
        resolve()
        if (this.#stopping) return
        ended.reject(
          new DevError(`${name} ended by itself (${what}); its last words, from ${log}:\n${lastLines(log)}`, {
            code: 'process-ended',
          }),
        )
      }
      child.once('exit', (code, signal) => over(signal === null ? `exit code ${code}` : signal))
      child.once('error', error => over(error.message))
    })
    process.on('exit', this.#killNow)
  }

  /** Starts it and waits until it answers. Throws `DevError` `process-ended` or `not-ready`. */
  static async start(service: Service, logs: string): Promise<RunningService> {
    const log = join(folder(logs), `${service.name}.log`)
    const output = openSync(log, 'a', 0o600)
    const child = spawn(process.execPath, [PROGRAM, ...service.words], {
      stdio: ['ignore', output, output],
      detached: true, // Ctrl-C reaches the terminal's whole group; these are stopped in order instead
    })
    closeSync(output)
    const running = new RunningService(service.name, log, child)
    try {
      await Promise.race([answers(service, { log, isOver: () => running.#isOver }), running.ended])
      if (running.#isOver) await running.ended
    } catch (error) {
      await running.stop()
      throw error
    }
    return running
  }

  /** The process id. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Asks it to stop, waits, and ends it after ten seconds. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    this.#child.kill('SIGTERM')
    const patience = new AbortController()
    const late = sleep(STOP_MS, 'late', { signal: patience.signal }).catch(() => 'stopped')
    if ((await Promise.race([this.#exit, late])) === 'late') this.#child.kill('SIGKILL')
    patience.abort()
    await this.#exit
  }

  readonly #killNow = (): void => {
    this.#child.kill('SIGKILL')
  }
}

async function answers(service: Service, { log, isOver }: { log: string; isOver: () => boolean }): Promise<void> {
  const until = performance.now() + READY_MS
  while (performance.now() < until) {
    if (isOver() || (await answersOnce(service))) return
    await sleep(50)
  }
  throw new DevError(`${service.name} did not answer within ${READY_MS / 1000} s at ${service.url}; see ${log}`, {
    code: 'not-ready',
  })
}

function answersOnce({ url, authority }: Service): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const options = { timeout: 2000, agent: false as const, ...(authority === undefined ? {} : { ca: authority }) }
  const request = (url.startsWith('https:') ? getSecure : getPlain)(url, options, response => {
    response.resume()
    resolve((response.statusCode ?? 500) < 500)
  })
  request.once('timeout', () => request.destroy(new Error('timeout')))
  request.once('error', () => resolve(false))
  return promise
}

function lastLines(path: string): string {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.slice(-12).join('\n')
}
