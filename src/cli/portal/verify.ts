import { createHash } from 'node:crypto'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { parseAnchors, trustOf } from '../../client/anchors.ts'
import { ConnectionError, VerificationError } from '../../client/errors.ts'
import { type Command, flag, requiredOption, textOption, UsageError } from '../command.ts'
import { buildPortal, headersOf, type PortalBuild } from './build.ts'
import { checkLogged } from './logged.ts'
import { BUILD_OPTIONS, buildInput, readTextFile } from './options.ts'

/** Longest file read, bytes. */
const FILE_LIMIT = 32 * 1024 * 1024
const { origin: _, ...OPTIONS } = BUILD_OPTIONS

/** `coffre portal verify`. */
export const command: Command = {
  name: 'portal verify',
  summary: 'check that an address serves the published pages',
  help: `
Builds the patient's pages from this checkout, fetches those that an address serves, and compares every file and every
header that protects them. What differs is listed, and the exit code is then 4. What holds today may be another page
tomorrow, or for somebody else: run it from where you are, and more than once.

The log of the anchors' host must name this very build, in a tree that witnesses cosigned: so the pages are the same for
everybody, and a build that was served stays known. --without-log leaves that out.

With --hash, the build is first compared with the hash that the programme published.

Examples:
  coffre portal verify https://dmp.example --anchors anchors.json
  coffre portal verify https://dmp.example --anchors anchors.json --hash 3q2…
`,
  positionals: [{ name: 'URL', description: 'where the pages are: https://dmp.example', required: true }],
  options: {
    ...OPTIONS,
    hash: { type: 'string', value: 'HASH', description: 'the published hash of the build' },
    'without-log': { type: 'boolean', description: 'do not ask the host what its log names' },
    authority: { type: 'string', value: 'FILE', description: 'PEM of the only authority to trust for TLS' },
  },
  async run(args, io) {
    const [url = ''] = args.positionals
    if (!URL.canParse(url)) throw new UsageError('That is not an address such as https://dmp.example')
    const { origin } = new URL(url)
    const portal = await buildPortal(await buildInput({ ...args, values: { ...args.values, origin } }))
    const published = textOption(args, 'hash')
    if (published !== undefined && published !== portal.hash) {
      throw new VerificationError(
        `This checkout builds ${portal.hash}, not the published ${published}: take the published version, and the deployment's own anchors`,
        { code: 'portal-hash' },
      )
    }
    const authority = textOption(args, 'authority')
    const ca = authority === undefined ? undefined : await readTextFile(authority)
    const differences = await compare(portal, path => fetchFile(`${origin}/${path}`, ca))
    if (differences.length > 0) {
      for (const line of differences) io.print(line)
      throw new VerificationError(
        `${origin} does not serve these pages (${differences.length} differences): type no code there, and tell the programme`,
        { code: 'portal-other', evidence: differences },
      )
    }
    io.print(`${origin} serves exactly these pages: ${portal.files.length} files and their headers are the same.`)
    io.print(`Hash of the build: ${portal.hash}`)
    const { hash } = portal
    const found = { origin, hash, files: portal.files.length }
    if (flag(args, 'without-log')) return found
    const trust = trustOf(parseAnchors(await readTextFile(requiredOption(args, 'anchors'))))
    const logged = await checkLogged(trust, { origin, hash, clock: io.clock })
    io.print(
      `The log has named this build since ${logged.t} (leaf ${logged.leaf}; ${logged.witnesses.length} witnesses).`,
    )
    for (const warning of logged.warnings) io.print(`Warning: ${warning}`)
    return { ...found, logged }
  },
}

/** What an address answered. */
interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Uint8Array
}

async function compare(portal: PortalBuild, fetched: (path: string) => Promise<Answer>): Promise<string[]> {
  const differences: string[] = []
  for (const path of ['', ...portal.files.map(file => file.path)]) {
    const expected = portal.files.find(file => file.path === (path || 'index.html'))
    const { status, headers, bytes } = await fetched(path)
    const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`
    if (status !== 200) differences.push(`/${path}: status ${status}`)
    else if (integrity !== expected?.integrity) differences.push(`/${path}: another file (${integrity})`)
    for (const [name, value] of Object.entries(headersOf(portal, path))) {
      if (headers[name] !== value) differences.push(`/${path}: header ${name} is ${headers[name] ?? 'missing'}`)
    }
  }
  return differences
}

function fetchFile(url: string, ca: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new ConnectionError(`${url} cannot be fetched; check the address`, { code: 'host-unreachable', cause }))
    const options = { timeout: 30_000, agent: false as const, ...(ca === undefined ? {} : { ca }) }
    const request = (url.startsWith('https:') ? getSecure : getPlain)(url, options, response => {
      const parts: Buffer[] = []
      let length = 0
      response.on('data', (part: Buffer) => {
        length += part.length
        if (length > FILE_LIMIT) request.destroy(new Error('too long'))
        else parts.push(part)
      })
      response.on('error', fail)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(parts) })
      })
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', fail)
  })
}
