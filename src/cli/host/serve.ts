import { availableParallelism } from 'node:os'
import { openLog } from '../../api/logging.ts'
import { type Arguments, type Command, requiredOption, textOption, UsageError } from '../command.ts'
import { readHostConfig } from './config.ts'
import { startHost } from './host.ts'
import { checkIntegrityBeside } from './integrity.ts'

/** `coffre host serve`. */
export const command: Command = {
  name: 'host serve',
  summary: 'run the host',
  help: `Runs the host: two HTTPS listeners (patients and the public log; professionals, with a card), the store, and the
log that grows with every act. The host keeps ciphertext; nothing it is given opens a record.

The configuration file names the anchors, the addresses, the server certificate, the folder of keys (files of mode
0600), the store's folder, the folder of revocation lists (read again every minute), and the mail gateway:

  {"anchors": "../anchors.json",
   "listen": {"address": "127.0.0.1", "patients": 8443, "professionals": 8444},
   "tls": {"certificate": "./tls.cert.pem", "key": "./keys/tls.key.pem"},
   "keys": "./keys", "store": "./store", "crls": "./crls",
   "mail": {"host": "127.0.0.1", "port": 2525, "from": "coffre@example.org"}}

Requests are signed for the addresses that the anchors name: change a port there, too.
Ctrl-C (SIGINT) or SIGTERM stops it: what was accepted is finished first; a second one ends it at once.
One line of JSON a request goes to standard error: the route's pattern, status and duration, never whom it was about.

  coffre host serve --config data/host/config.json`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the configuration file' },
    'patients-port': {
      type: 'string',
      value: 'N',
      description: 'port of the patients’ listener, instead of the file’s',
    },
    'professionals-port': {
      type: 'string',
      value: 'N',
      description: 'port of the professionals’ listener, instead of the file’s',
    },
  },
  async run(args, io) {
    const config = readHostConfig(requiredOption(args, 'config'))
    const patients = portOption(args, 'patients-port')
    const professionals = portOption(args, 'professionals-port')
    const ports = {
      ...(patients === undefined ? {} : { patients }),
      ...(professionals === undefined ? {} : { professionals }),
    }
    // Above a file-size limit (RLIMIT_FSIZE) a write fails, and a store that cannot write answers 503 until it can. Node
    // ignores the signal that comes with it; a library that watches for signals would end the host, unless we listen, too.
    process.on('SIGXFSZ', () => {})
    const host = await startHost({
      config,
      clock: () => io.clock(),
      ports,
      workers: config.workers ?? availableParallelism(),
    })
    const log = openLog()
    const integrity = checkIntegrityBeside(config.store, result => {
      if (result === 'whole') return
      if (result === 'damaged') host.distrust()
      if (result === 'large') log.warn('the database is too large to be checked at start')
      else log.error(result === 'damaged' ? 'the database is damaged' : 'the database could not be checked')
    })
    const at = (port: number) => `https://${hostPart(config.listen.address)}:${port}`
    const ready = { event: 'ready', patients: at(host.ports.patients), professionals: at(host.ports.professionals) }
    // The one signal that operators' tools send after they renewed a certificate.
    process.on('SIGHUP', () => host.reload())
    const stopped = new Promise<NodeJS.Signals>(resolve => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, resolve)
    })
    // Somebody waits for this line: with --json it is an object of its own, the end's result another.
    if (io.json) process.stdout.write(`${JSON.stringify(ready)}\n`)
    io.print(`Host ready: patients ${ready.patients}, professionals ${ready.professionals} (with a card)`)
    io.print(`The log: ${ready.patients}/log/checkpoint, ${host.treeSize} entries in the tree. Ctrl-C ends it.`)
    const signal = await stopped
    io.print(`${signal}: finishing what was accepted`)
    await integrity.stop()
    await host.close()
    io.print('Host stopped')
    return { event: 'stopped', signal }
  },
}

function portOption(args: Arguments, name: string): number | undefined {
  const text = textOption(args, name)
  if (text === undefined) return undefined
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`--${name} is a port number, 0 to 65535`)
  return port
}

function hostPart(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
