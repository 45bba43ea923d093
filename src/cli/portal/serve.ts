import { writeFile } from 'node:fs/promises'
import { type Command, textOption, UsageError } from '../command.ts'
import { buildPortal } from './build.ts'
import { BUILD_OPTIONS, buildInput, readTextFile } from './options.ts'
import { servePortal } from './server.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** `coffre portal serve`. */
export const command: Command = {
  name: 'portal serve',
  summary: 'serve the patient’s pages',
  help: `
Builds the patient's pages for a deployment and serves them: for the programme to run, never for the host, because whoever
serves the pages could change them. Nothing that a patient types comes here: the pages speak to the host alone, and what
opens the record stays in the browser.

The host must name this origin in its configuration ("portal"). Plain HTTP is for loopback (browsers trust it there) and
for a server in front that speaks TLS.

Examples:
  coffre portal serve --anchors anchors.json --origin http://127.0.0.1:8480
  coffre portal serve --anchors anchors.json --origin https://dmp.example --address 0.0.0.0 --port 443
                      --certificate tls.cert.pem --key tls.key.pem
`,
  options: {
    ...BUILD_OPTIONS,
    address: { type: 'string', value: 'ADDRESS', description: '127.0.0.1 unless given' },
    port: { type: 'string', value: 'PORT', description: 'the origin’s unless given' },
    certificate: { type: 'string', value: 'FILE', description: 'PEM of the server’s certificate and its chain' },
    key: { type: 'string', value: 'FILE', description: 'PEM of its private key' },
    'hash-file': {
      type: 'string',
      value: 'FILE',
      description: 'write the hash of the build there, as a host’s portalBuild',
    },
    'behind-tls': { type: 'boolean', description: 'plain HTTP here: a server in front speaks TLS' },
  },
  async run(args, io) {
    const input = await buildInput(args)
    const certificate = textOption(args, 'certificate')
    const key = textOption(args, 'key')
    if ((certificate === undefined) !== (key === undefined)) throw new UsageError('--certificate and --key go together')
    if (!URL.canParse(input.origin)) throw new UsageError('--origin takes an address such as https://dmp.example')
    const origin = new URL(input.origin)
    if (certificate === undefined && !LOOPBACK.has(origin.hostname) && args.values['behind-tls'] !== true) {
      throw new UsageError('Give --certificate and --key: beyond loopback these pages are served over TLS alone')
    }
    const portal = await buildPortal(input)
    const hashFile = textOption(args, 'hash-file')
    if (hashFile !== undefined) await writeFile(hashFile, `${portal.hash}\n`)
    const running = await servePortal({
      portal,
      origin: input.origin,
      listen: { address: textOption(args, 'address') ?? '127.0.0.1', port: portOf(textOption(args, 'port'), origin) },
      ...(certificate === undefined || key === undefined
        ? {}
        : { tls: { certificate: await readTextFile(certificate), key: await readTextFile(key) } }),
    })
    io.print(`The patient's pages are at ${input.origin} (Ctrl-C ends it). Hash of the build: ${portal.hash}`)
    await new Promise<void>(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await running.close()
    return { origin: input.origin, hash: portal.hash }
  },
}

function portOf(text: string | undefined, origin: URL): number {
  const port = Number(text ?? (origin.port || (origin.protocol === 'https:' ? 443 : 80)))
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageError('--port takes a port, 1 to 65535')
}
