import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { followLog, type Look } from '../../log/audit/follow.ts'
import { parsePolicy } from '../../log/policy.ts'
import { type Command, flag, requiredOption, textOption, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { readAnchors } from './inputs.ts'
import { logAt, Unreachable } from './log-fetch.ts'
import { keepFollowed, readFollowed } from './watch-file.ts'

/** How long a program that is told of an alarm may take, milliseconds. */
const TELL_MS = 30_000

interface Watched {
  readonly looks: number
  readonly alarms: number
  readonly unreachable: number
}

/** `coffre audit watch`. */
export const command: Command = {
  name: 'audit watch',
  summary: 'follow a live log and raise the alarm',
  help: `Looks at the public log of a host again and again: the checkpoint is signed, cosigned by a quorum within ten minutes, and
its tree extends the one that was seen before. What was seen is kept in a file; after a fork or a shrink it stays as it
was, so that the alarm goes on. Nothing about anybody is read. Each look is one line of JSON; each new set of alarms is
given to a program on its standard input, when one is named.

  coffre audit watch https://host.example/log --anchors anchors.json --state watch.json
  coffre audit watch https://host.example/log --anchors anchors.json --state watch.json --once
  coffre audit watch https://host.example/log --anchors anchors.json --state watch.json --tell /usr/local/bin/page-me

Exit code, once stopped by a signal or with --once: 0 when there was no alarm, 11 when there was, 6 when the log could not
be reached and nothing else was wrong.`,
  options: {
    anchors: { type: 'string', value: 'FILE', required: true, description: 'what is trusted: keys and policy' },
    state: { type: 'string', value: 'FILE', required: true, description: 'what was seen last' },
    every: { type: 'string', value: 'SECONDS', description: 'between two looks; 60 unless said' },
    once: { type: 'boolean', description: 'look once' },
    tell: {
      type: 'string',
      value: 'PROGRAM',
      description: 'is run at each new set of alarms, JSON on its standard input',
    },
  },
  positionals: [{ name: 'URL', description: 'where the log’s checkpoint and tiles are', required: true }],
  async run(args, io) {
    const [url] = args.positionals
    if (url === undefined) throw new UsageError('Which log? Give its URL, the one that ends in /log')
    const anchors = readAnchors(requiredOption(args, 'anchors'))
    const { origin } = anchors
    const state = requiredOption(args, 'state')
    const every = secondsOf(textOption(args, 'every') ?? '60')
    const tell = textOption(args, 'tell')
    const log = { fetch: logAt(url, anchors.serverAuthority), policy: parsePolicy(anchors.policy), origin }
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
    const count = { looks: 0, alarms: 0, unreachable: 0 }
    let told = ''
    try {
      while (!stop.signal.aborted) {
        const before = readFollowed(state, origin)
        count.looks++
        try {
          const look = await followLog(before, { ...log, now: io.clock() })
          if (look.followed !== null && look.followed.note !== before?.note) keepFollowed(state, origin, look.followed)
          const line = lineOf(look, io.clock())
          io.print(line)
          if (look.alarms.length > 0) count.alarms++
          const codes = look.alarms.map(({ code }) => code).join()
          if (tell !== undefined && codes !== '' && codes !== told) await telling(tell, line)
          told = codes
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error
          count.unreachable++
          io.print(JSON.stringify({ at: io.clock().toISOString(), unreachable: error.message }))
        }
        if (flag(args, 'once')) break
        await pause(every * 1000, undefined, { signal: stop.signal }).catch(() => {})
      }
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    }
    return count
  },
  exitCode(result) {
    const { alarms, unreachable } = result as Watched
    if (alarms > 0) return 11
    return unreachable > 0 ? EXIT.unreachable : EXIT.ok
  },
}

function lineOf({ followed, alarms, witnessedAt }: Look, at: Date): string {
  const { size = 0, root = null } = followed ?? {}
  return JSON.stringify({ at: at.toISOString(), size, root, witnessedAt, alarms })
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,5}$/.test(text) && seconds >= 1) return seconds
  throw new UsageError('--every takes whole seconds, 1 to 99999')
}

/** Runs the program and waits for it, within bounds; that it fails does not stop the watch. */
function telling(program: string, line: string): Promise<void> {
  return new Promise(resolve => {
    const child = spawn(program, [], { stdio: ['pipe', 'ignore', 'inherit'], timeout: TELL_MS })
    child.on('error', () => resolve())
    child.on('close', () => resolve())
    child.stdin.on('error', () => {})
    child.stdin.end(`${line}\n`)
  })
}
