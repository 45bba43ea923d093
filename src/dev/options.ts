import { parseArgs } from 'node:util'
import { DevError } from './errors.ts'
import { DEFAULT_PORTS, PORT_OPTIONS, type Ports } from './layout.ts'

/** What `npm start -- …` was asked. */
export interface Options {
  readonly data: string
  /** Only those that were given. */
  readonly ports: Partial<Ports>
  /** Stop after the journey. */
  readonly once: boolean
  /** Serve alone, and mark the world as one to be played by hand. */
  readonly noJourney: boolean
  /** Print each command as a person would type it, and what it prints. */
  readonly verbose: boolean
  readonly help: boolean
}

/** The help page. */
export const HELP = `npm start [-- options]

Makes a development world (keys, cards, invented people), starts the host, two witnesses, a mail and an SMS
catcher on loopback, plays the whole journey once, and stays up until Ctrl-C. A second start finds its world and only serves.

  --once                      stop after the journey; exit 0 only if every step and the closing audit hold
                              (a world whose journey was played is audited again)
  --no-journey                do not play: the world is left for you to play by hand (docs/try-it.md)
  --verbose                   print every command of the journey as you would type it, and what it answers
  --data DIR                  where the world lives (data)
${Object.entries(PORT_OPTIONS)
  .map(([name, option]) => `  ${`--${option} PORT`.padEnd(28)}${DEFAULT_PORTS[name as keyof Ports]}`)
  .join('\n')}
  --help                      this page

A world keeps the ports of its last start.

All keys made here are for play. Remove the folder to begin again.`

/** Reads the words after `npm start --`. Throws `DevError` `usage`. */
export function readOptions(words: readonly string[]): Options {
  const portOptions = Object.values(PORT_OPTIONS).map(name => [name, { type: 'string' }] as const)
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      args: [...words],
      options: {
        once: { type: 'boolean' },
        'no-journey': { type: 'boolean' },
        verbose: { type: 'boolean', short: 'v' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(portOptions),
      },
    }).values as typeof values
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('. ')[0] : 'The options cannot be read'
    throw new DevError(`${message}; npm start -- --help lists the options`, { code: 'usage', cause })
  }
  const ports: Partial<Record<keyof Ports, number>> = {}
  for (const name of Object.keys(PORT_OPTIONS) as (keyof Ports)[]) {
    const text = values[PORT_OPTIONS[name]]
    if (text === undefined) continue
    const port = Number(text)
    if (!/^\d{1,5}$/.test(String(text)) || port < 1 || port > 65_535) {
      throw new DevError(`--${PORT_OPTIONS[name]} takes a port, 1 to 65535`, { code: 'usage' })
    }
    ports[name] = port
  }
  return {
    data: typeof values.data === 'string' ? values.data : 'data',
    ports,
    once: values.once === true,
    noJourney: values['no-journey'] === true,
    verbose: values.verbose === true,
    help: values.help === true,
  }
}
