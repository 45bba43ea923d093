/**
 * Who may import whom: what is not listed is an error, cycles are errors, and each library has its one door.
 * The host's side of the wall (vault, api, cli/host) is checked once more, on reachable modules, by reachable.ts.
 */
import type { ICruiseOptions, IFlattenedRuleSet } from 'dependency-cruiser'

type Row = {
  /** Regular expression of the importing files, below `src/`. */
  readonly from: string
  /** Regular expressions of what they may import, below `src/`. */
  readonly to: readonly string[]
  /** Whether they may use the platform's own modules (`node:…`); the pure ones may not, so that they run anywhere. */
  readonly platform?: 'yes' | 'types'
}

const crypto = (...names: string[]) => `crypto/(${names.join('|')})\\.ts$`

const folders: readonly Row[] = [
  { from: 'crypto/', to: ['crypto/'], platform: 'types' },
  { from: 'protocol/', to: ['protocol/', crypto('bytes', 'errors')] },
  {
    from: 'log/',
    to: ['log/', 'protocol/', crypto('hash', 'sign', 'mldsa', 'statement', 'x509', 'httpsig', 'bytes', 'errors')],
  },
  { from: 'paper/', to: ['paper/'], platform: 'yes' },
  { from: 'ins/', to: ['ins/', 'protocol/', 'log/', 'crypto/', 'paper/'], platform: 'yes' },
  // the insurer verifies the openings it reads from the host, as any client does
  { from: 'ins/insurer', to: ['client/'] },
  {
    from: 'vault/',
    to: ['vault/', 'protocol/', 'log/', crypto('hash', 'sign', 'mldsa', 'statement', 'x509', 'bytes', 'errors')],
    platform: 'yes',
  },
  {
    from: 'api/',
    to: [
      'api/',
      'vault/',
      'protocol/',
      'log/',
      crypto('hash', 'sign', 'mldsa', 'statement', 'x509', 'httpsig', 'opaque/server', 'bytes', 'errors'),
    ],
    platform: 'yes',
  },
  { from: 'client/', to: ['client/', 'protocol/', 'log/', 'crypto/', 'paper/'], platform: 'yes' },
  { from: 'portal/', to: ['portal/', 'client/', 'protocol/'] },
  {
    from: 'cli/(?!host/|witness|audit)',
    to: ['cli/', 'client/', 'ins/', 'log/', 'protocol/', crypto('bytes', 'errors', 'sign')],
    platform: 'yes',
  },
  {
    from: 'cli/host/',
    to: ['cli/', 'api/', 'vault/', 'log/', 'protocol/', crypto('bytes', 'errors', 'hash', 'sign', 'mldsa', 'x509')],
    platform: 'yes',
  },
  {
    from: 'cli/witness',
    to: ['cli/', 'log/', 'protocol/', crypto('bytes', 'errors', 'sign', 'mldsa')],
    platform: 'yes',
  },
  { from: 'cli/audit', to: ['cli/', 'log/', 'protocol/', crypto('bytes', 'errors', 'sign')], platform: 'yes' },
  // a development world makes what the deployment's parties would each make: host, log and witness keys, their policy
  {
    from: 'dev/',
    to: [
      'dev/',
      'cli/',
      'client/',
      'paper/',
      'protocol/',
      'log/',
      crypto('bytes', 'errors', 'sign', 'mldsa', 'httpsig', 'opaque/server'),
    ],
    platform: 'yes',
  },
]

/** Each library and the only files that import it: they absorb its traps, so nobody else has to know them. */
const doors: Readonly<Record<string, string>> = {
  'libsodium-wrappers': 'crypto/sodium(-sign)?\\.ts$', // the second door signs and opens nothing
  '@noble/hashes': 'crypto/hash\\.ts$',
  'hash-wasm': 'crypto/sha256-wasm\\.ts$',
  '@noble/post-quantum': 'crypto/mldsa\\.ts$',
  jose: 'crypto/statement\\.ts$',
  '@peculiar/x509': '(crypto/certificate\\.ts$|dev/)',
  'reflect-metadata': '(crypto/certificate\\.ts$|dev/)', // @peculiar/x509 does not load without it
  '@serenity-kit/opaque': 'crypto/opaque/',
  'better-sqlite3': '(vault/store/(sqlite|log-export|backup)\\.ts$|cli/audit|ins/register\\.ts$)',
  zod: '(protocol|api|client|cli/host|cli/audit)/',
  express: 'api/',
  helmet: 'api/',
  pino: '(api|cli/host)/',
  nodemailer: 'vault/[a-z/-]*mail\\.ts$',
  '@scure/bip39': 'client/consultation\\.ts$', // a list of words, nothing else of it
  'age-encryption': 'client/age\\.ts$',
  smpp: '(vault/sms\\.ts$|dev/)', // speaks only the gateway's protocol, in clear or over the platform's TLS
  undici: 'client/',
  preact: 'portal/',
  'pdfjs-dist': 'portal/viewer/pdf-page\\.ts$',
  qr: 'portal/worker/scan\\.ts$', // reads; `qrcode` draws
  'client-zip': 'portal/worker/export\\.ts$',
  esbuild: 'cli/portal/build\\.ts$',
  pdfkit: 'paper/',
  qrcode: 'paper/',
  'smtp-server': 'dev/',
}

/** Who may name a library's types besides, and so take what others made with it; never make anything with it. */
const typesOnly: Readonly<Record<string, string>> = {
  zod: '(log|vault|portal/worker)/',
  'better-sqlite3': 'vault/store/',
}

const pathOf = (library: string) => `node_modules/(@types/)?${library.replace(/[/.-]/g, '\\$&')}(/|$)`

/** As dependency-cruiser names a module of the platform (`crypto`, `fs/promises`): neither a path of ours nor a package's. */
const platformModule = '^(?!src|node_modules)'

/** The rules in dependency-cruiser's words. */
export const folderRules: IFlattenedRuleSet = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'nobody-imports-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|setup|bench)/' } },
  ],
  allowed: [
    ...folders.flatMap(({ from, to, platform }) => [
      { from: { path: `^src/${from}` }, to: { path: to.map(path => `^src/${path}`) } },
      ...(platform === 'yes' ? [{ from: { path: `^src/${from}` }, to: { dependencyTypes: ['core' as const] } }] : []),
      ...(platform === 'types'
        ? [{ from: { path: `^src/${from}` }, to: { path: platformModule, dependencyTypes: ['type-only' as const] } }]
        : []),
    ]),
    ...Object.entries(doors).map(([library, from]) => ({
      from: { path: `^src/${from}` },
      to: { path: pathOf(library) },
    })),
    ...Object.entries(typesOnly).map(([library, from]) => ({
      from: { path: `^src/${from}` },
      to: { path: pathOf(library), dependencyTypes: ['type-only' as const] },
    })),
  ],
  allowedSeverity: 'error',
}

/** How dependency-cruiser reads the sources: type-only imports count too. */
export const cruiseOptions: ICruiseOptions = {
  tsPreCompilationDeps: 'specify',
  doNotFollow: { path: 'node_modules' },
  moduleSystems: ['es6', 'cjs'],
  combinedDependencies: true,
}
