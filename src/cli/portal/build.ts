/** The portal as files: bundled pages, fonts, and the list of all with their hashes. The only file that imports esbuild. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { parseAnchors } from '../../client/anchors.ts'
import { UsageError } from '../command.ts'

const require = createRequire(import.meta.url)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SOURCES = fileURLToPath(new URL('../../portal/', import.meta.url))

/** Fonts of the pages: Atkinson Hyperlegible, drawn for readers with low vision. */
const FONTS: Readonly<Record<string, string>> = {
  'fonts/text.ttf': '@expo-google-fonts/atkinson-hyperlegible/400Regular/AtkinsonHyperlegible_400Regular.ttf',
  'fonts/bold.ttf': '@expo-google-fonts/atkinson-hyperlegible/700Bold/AtkinsonHyperlegible_700Bold.ttf',
  'fonts/code.woff2': '@fontsource/atkinson-hyperlegible-mono/files/atkinson-hyperlegible-mono-latin-700-normal.woff2',
}

/** Browsers of five years or less; older ones are told so by the page. */
const TARGET = ['chrome119', 'firefox121', 'safari17.4']

/** One file of the portal. */
export interface PortalFile {
  /** Without a leading slash: `index.html`. */
  readonly path: string
  readonly type: string
  readonly bytes: Uint8Array
  /** `sha384-…`, as in an `integrity` attribute. */
  readonly integrity: string
}

/** A whole build. The same sources, anchors and origin give the same bytes, on any machine. */
export interface PortalBuild {
  readonly files: readonly PortalFile[]
  /** SHA-256 of the list of files (`portal.json`), base64url: what is published and compared. */
  readonly hash: string
  /** Headers that every answer carries; a server that leaves one out serves another portal. */
  readonly headers: Readonly<Record<string, string>>
  /** By path: headers that are others there, for the frame that draws PDFs. */
  readonly exceptions: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** The headers of one of its answers. */
export function headersOf({ headers, exceptions }: Omit<PortalBuild, 'files' | 'hash'>, path: string) {
  return { ...headers, ...(Object.hasOwn(exceptions, path) ? exceptions[path] : {}) }
}

/** What a portal is made of. */
export interface PortalInput {
  /** Text of the deployment's anchors file: compiled in, so that whoever serves the pages cannot swap it alone. */
  readonly anchors: string
  /** Where the pages will be: `https://dmp.example`. */
  readonly origin: string
}

/** Builds the portal in memory. Throws `UsageError` for an origin that is none, `InputError` `anchors-invalid`. */
export async function buildPortal({ anchors: anchorsText, origin }: PortalInput): Promise<PortalBuild> {
  if (originOf(origin) !== origin) {
    throw new UsageError('--origin takes scheme, host and port alone, such as https://dmp.example')
  }
  const anchors = parseAnchors(anchorsText)
  const host = new URL(anchors.urls.patients).origin
  const define = {
    COFFRE_ANCHORS: JSON.stringify(JSON.stringify(anchors)),
    COFFRE_HOST: JSON.stringify(host),
    COFFRE_DEPLOYMENT: JSON.stringify(anchors.name),
  }
  const script = async (path: string, entry: string, more: Record<string, string> = {}) =>
    fileOf(path, 'text/javascript', await bundle({ entryPoints: [entry], define: { ...define, ...more } }))
  const frameStyle = Buffer.from(await bundle({ entryPoints: ['viewer/frame.css'] }))
    .toString()
    .trim()
  const worker = await script('worker.js', 'worker/main.ts')
  const app = await script('app.js', 'main.tsx', {
    COFFRE_WORKER: JSON.stringify(worker.integrity),
    COFFRE_FRAME_STYLE: JSON.stringify(frameStyle),
  })
  const style = fileOf('style.css', 'text/css', await bundle({ entryPoints: ['style.css'] }))
  const fonts = Object.entries(FONTS).map(([path, source]) =>
    fileOf(path, path.endsWith('.ttf') ? 'font/ttf' : 'font/woff2', readFileSync(require.resolve(source))),
  )
  const icon = fileOf('icon.svg', 'image/svg+xml', readFileSync(`${SOURCES}icon.svg`))
  const page = readFileSync(`${SOURCES}index.html`, 'utf8')
    .replace('{{app}}', app.integrity)
    .replace('{{style}}', style.integrity)
  const index = fileOf('index.html', 'text/html', Buffer.from(page))
  const pdf = await pdfFiles(script)
  const files = [index, app, worker, style, icon, ...fonts, ...pdf]
  const headers = headersFor({ origin, host, frameStyle })
  const exceptions = exceptionsFor({ origin, headers })
  const list = listOf({ origin, files, headers, exceptions })
  return {
    files: [...files, fileOf('portal.json', 'application/json', Buffer.from(list))],
    hash: createHash('sha256').update(list).digest('base64url'),
    headers,
    exceptions,
  }
}

/** The frame that draws PDFs: a page, its script with PDF.js, its style. */
async function pdfFiles(script: (path: string, entry: string) => Promise<PortalFile>): Promise<PortalFile[]> {
  const code = await script('pdf.js', 'viewer/pdf-page.ts')
  const style = fileOf('pdf.css', 'text/css', await bundle({ entryPoints: ['viewer/pdf.css'] }))
  const page = readFileSync(`${SOURCES}viewer/pdf.html`, 'utf8')
    .replace('{{script}}', code.integrity)
    .replace('{{style}}', style.integrity)
  return [fileOf('pdf.html', 'text/html', Buffer.from(page)), code, style]
}

/** `scheme://host:port` of an address, `null` when it is none. */
function originOf(text: string): string | null {
  return URL.canParse(text) ? new URL(text).origin : null
}

async function bundle(options: Pick<BuildOptions, 'entryPoints' | 'define'>): Promise<Uint8Array> {
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: SOURCES,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: TARGET,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: ['/fonts/*'],
    write: false,
    logLevel: 'silent',
    tsconfigRaw: {}, // nothing of where the checkout lies, nor of a tsconfig above it
    nodePaths: [`${ROOT}node_modules`],
  })
  const [output] = outputFiles ?? []
  if (output === undefined) throw new TypeError('esbuild gave no file')
  return output.contents
}

function fileOf(path: string, type: string, content: Uint8Array): PortalFile {
  const bytes = new Uint8Array(content)
  const charset = /^text\/|json|svg/.test(type) ? '; charset=utf-8' : ''
  return {
    path,
    type: `${type}${charset}`,
    bytes,
    integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}`,
  }
}

/**
 * What the pages may do. Scripts: these files alone, none inline, none made from text (Trusted Types), WebAssembly for
 * libsodium. Connections: the host, and the worker's own file, which is fetched under its hash before it runs. Frames, which
 * show documents, inherit all of this; the one inline style allowed is theirs, by its hash.
 */
function headersFor(portal: { origin: string; host: string; frameStyle: string }): Record<string, string> {
  const { origin, host } = portal
  const frameStyle = createHash('sha256').update(portal.frameStyle).digest('base64')
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    'worker-src blob:',
    `connect-src ${host} ${origin}/worker.js`,
    `style-src 'self' 'sha256-${frameStyle}'`,
    "font-src 'self'",
    "img-src 'self' blob: data:",
    `frame-src blob: ${origin}/pdf.html`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types coffre-worker coffre-cda',
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(origin.startsWith('https:') ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  }
}

/**
 * The page that draws PDFs has an origin that is none, by its header and by the frame's `sandbox`: it reaches neither what
 * the portal keeps nor the host. Its script and style are asked for from that origin, so they may be given to any.
 */
function exceptionsFor(portal: { origin: string; headers: Record<string, string> }): PortalBuild['exceptions'] {
  const { origin } = portal
  const policy = [
    "default-src 'none'",
    `script-src ${origin}/pdf.js`,
    `style-src ${origin}/pdf.css`,
    'img-src blob: data:',
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origin}`,
    'sandbox allow-scripts',
  ].join('; ')
  const open = { 'cross-origin-resource-policy': 'cross-origin', 'access-control-allow-origin': '*' }
  return {
    'pdf.html': { 'content-security-policy': policy, 'x-frame-options': 'SAMEORIGIN' },
    'pdf.js': open,
    'pdf.css': open,
  }
}

/** The list that is published: each file's hash and the headers, in one text. */
function listOf(portal: Pick<PortalBuild, 'files' | 'headers' | 'exceptions'> & { origin: string }): string {
  const { origin, headers, exceptions } = portal
  const files = Object.fromEntries(
    portal.files.map(({ path, integrity }) => [path, integrity] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  return `${JSON.stringify({ v: 1, origin, headers, exceptions, files }, null, 2)}\n`
}
