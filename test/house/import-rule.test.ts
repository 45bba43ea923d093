import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { directFindings, importFindings } from '../../setup/import-rule.ts'
import { reachableFindings } from '../../setup/reachable.ts'
import { testFolder } from '../fixtures/test-folder.ts'

type Tree = Readonly<Record<string, string>>

/** A small project that keeps the rule: the host reaches protocol, log and the half of crypto that opens nothing. */
const truthful: Tree = {
  'src/crypto/errors.ts': 'export class CoffreError extends Error {}',
  'src/crypto/hash.ts': "import { CoffreError } from './errors.ts'\nexport const hash = () => new CoffreError()",
  'src/crypto/seal.ts': 'export const open = () => 1\nexport type Sealed = string',
  'src/crypto/sodium.ts': 'export const crypto_kem_xwing_dec = () => 1',
  'src/protocol/entry.ts': "import type { CoffreError } from '../crypto/errors.ts'\nexport type Entry = CoffreError",
  'src/log/tree.ts': "import { hash } from '../crypto/hash.ts'\nexport const root = hash",
  'src/vault/journal.ts': `import { root } from '../log/tree.ts'
import type { Entry } from '../protocol/entry.ts'
// the host cannot decrypt: a comment or a sentence may say so
export const journal = (entry: Entry) => [root, entry, 'the host cannot decrypt this']`,
  'src/vault/writer.ts': 'export const run = 1',
  'src/vault/start.ts': "export const start = () => new Worker(new URL('./writer.ts', import.meta.url))",
  'src/api/reads.ts': "import { journal } from '../vault/journal.ts'\nexport const reads = journal",
  'src/cli/host/serve.ts': "import { reads } from '../../api/reads.ts'\nexport const serve = reads",
  'src/client/patient.ts': "import { open } from '../crypto/seal.ts'\nexport const patient = open",
  'src/cli/main.ts': "import { patient } from '../client/patient.ts'\nexport const main = patient",
}

const plant = (folder: string, tree: Tree): string => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module","dependencies":{}}')
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
  }
  return folder
}

t.test('a truthful tree passes both halves, and every file was looked at', async t => {
  const { modules, hostModules, findings } = await importFindings(plant(testFolder(t), truthful))
  t.same(findings, [])
  t.equal(modules, Object.keys(truthful).length)
  t.equal(hostModules, 9, 'all but seal, sodium, client and the other commands')
})

t.test('what the host reaches: each planted violation is found', async t => {
  const planted: readonly [what: string, tree: Tree, finding: RegExp][] = [
    [
      'direct',
      { 'src/vault/x.ts': "import { open } from '../crypto/seal.ts'\nopen()" },
      /^closed-to-host: .*x\.ts → src\/crypto\/seal\.ts$/,
    ],
    [
      'transitive',
      {
        'src/log/tree.ts': "export { root } from './deep.ts'",
        'src/log/deep.ts': "import '../crypto/sodium.ts'\nexport const root = 1",
      },
      /^closed-to-host: src\/vault\/journal\.ts → src\/log\/tree\.ts → src\/log\/deep\.ts → src\/crypto\/sodium\.ts$/,
    ],
    [
      'import type',
      { 'src/api/x.ts': "import type { Sealed } from '../crypto/seal.ts'\nexport type X = Sealed" },
      /^closed-to-host: /,
    ],
    ['inline type', { 'src/api/x.ts': "export type X = import('../crypto/seal.ts').Sealed" }, /^closed-to-host: /],
    [
      'dynamic',
      { 'src/cli/host/x.ts': "export const x = () => import('../../client/patient.ts')" },
      /^closed-to-host: .*patient\.ts$/,
    ],
    [
      'dynamic, computed',
      { 'src/vault/x.ts': 'export const x = (name: string) => import(name)' },
      /^computed-import: src\/vault\/x\.ts:1 /,
    ],
    ['re-export', { 'src/vault/x.ts': "export * from '../crypto/seal.ts'" }, /^closed-to-host: /],
    ['worker', { 'src/vault/x.ts': "new Worker(new URL('../crypto/seal.ts', import.meta.url))" }, /^closed-to-host: /],
    [
      'worker, computed',
      { 'src/vault/x.ts': 'export const x = (name: string) => new Worker(name)' },
      /^computed-import: /,
    ],
    ['portal', { 'src/api/x.ts': "import '../portal/page.ts'", 'src/portal/page.ts': '' }, /^closed-to-host: /],
    ['ins', { 'src/api/x.ts': "import '../ins/derive.ts'", 'src/ins/derive.ts': '' }, /^closed-to-host: /],
    ['dev', { 'src/api/x.ts': "import '../dev/main.ts'", 'src/dev/main.ts': '' }, /^closed-to-host: /],
    [
      'opaque client',
      { 'src/api/x.ts': "import '../crypto/opaque/client.ts'", 'src/crypto/opaque/client.ts': '' },
      /^closed-to-host: /,
    ],
    [
      'name, imported',
      { 'src/vault/x.ts': "import { createDecipheriv } from 'node:crypto'\ncreateDecipheriv" },
      /^banned-name: createDecipheriv at src\/vault\/x\.ts:1 /,
    ],
    [
      'name, property',
      { 'src/vault/x.ts': 'export const x = (c: SubtleCrypto) => c.deriveBits' },
      /^banned-name: deriveBits /,
    ],
    [
      'name, by string index',
      { 'src/vault/x.ts': "export const x = (c: Record<string, unknown>) => c['privateDecrypt']" },
      /^banned-name: privateDecrypt /,
    ],
    [
      'name, in a template',
      { 'src/vault/x.ts': 'export const x = (c: Record<string, unknown>) => c[`decapsulate`]' },
      /^banned-name: decapsulate /,
    ],
    [
      'name, renamed',
      { 'src/vault/x.ts': "import { diffieHellman as d } from 'node:crypto'\nd" },
      /^banned-name: diffieHellman /,
    ],
    [
      'name, transitive',
      { 'src/crypto/hash.ts': 'export const hash = (o: { aead_open: 1 }) => o.aead_open' },
      /^banned-name: aead_open at src\/crypto\/hash\.ts:1 /,
    ],
    [
      'name, of libsodium',
      { 'src/vault/x.ts': 'export const x = (s: any) => s.crypto_box_seal_open' },
      /^banned-name: crypto_box_seal_open /,
    ],
    [
      'name, of jose',
      { 'src/vault/x.ts': "import { compactDecrypt } from 'jose'\ncompactDecrypt" },
      /^banned-name: compactDecrypt /,
    ],
    ['package', { 'src/vault/x.ts': "import 'libsodium-wrappers'" }, /^package: .* → libsodium-wrappers$/],
    [
      'libsodium by its signing door, and what opens named there',
      {
        'src/vault/x.ts': "import '../crypto/sodium-sign.ts'",
        'src/crypto/sodium-sign.ts': "import sodium from 'libsodium-wrappers'\nsodium.crypto_sign_open()",
      },
      /^banned-name: crypto_sign_open at src\/crypto\/sodium-sign\.ts/,
    ],
    ['package, other half', { 'src/vault/x.ts': "import '@noble/post-quantum/ml-kem.js'" }, /^package: /],
    ['another loader', { 'src/vault/x.ts': "import 'node:module'" }, /^package: .* → node:module$/],
    ['unknown file', { 'src/vault/x.ts': "import './missing.ts'" }, /^not-found: /],
  ]
  for (const [what, tree, finding] of planted) {
    await t.test(what, async t => {
      const { findings } = reachableFindings(plant(testFolder(t), { ...truthful, ...tree }))
      t.ok(
        findings.some(line => finding.test(line)),
        findings.join('\n') || 'nothing was found',
      )
    })
  }
})

t.test('every module of crypto that opens something, or makes a key for it, is closed to the host', async t => {
  const closed = [
    'seal',
    'box',
    'aead',
    'chunks',
    'message-cipher',
    'web-streams',
    'codes',
    'kit-code',
    'keys',
    'sodium',
    'xwing',
    'opaque/client',
  ]
  const tree = closed.map(name => [`src/crypto/${name}.ts`, 'export const key = 1'])
  const imports = closed.map(name => `import '../crypto/${name}.ts'`).join('\n')
  const folder = plant(testFolder(t), { ...Object.fromEntries(tree), 'src/vault/x.ts': imports })
  t.same(
    reachableFindings(folder).findings,
    closed.map(name => `closed-to-host: src/vault/x.ts → src/crypto/${name}.ts`),
  )
})

t.test('who imports whom: each planted violation is found', async t => {
  const planted: readonly [what: string, tree: Tree, finding: RegExp][] = [
    [
      'log → vault',
      { 'src/log/x.ts': "import '../vault/journal.ts'" },
      /^not-in-allowed: src\/log\/x\.ts → src\/vault\/journal\.ts$/,
    ],
    ['client → api', { 'src/client/x.ts': "import '../api/reads.ts'" }, /^not-in-allowed: /],
    [
      'client → vault, type only',
      { 'src/client/x.ts': "import type { journal } from '../vault/journal.ts'\nexport type X = typeof journal" },
      /^not-in-allowed: /,
    ],
    [
      'vault → seal, dynamic',
      { 'src/vault/x.ts': "export const x = import('../crypto/seal.ts')" },
      /^not-in-allowed: /,
    ],
    ['protocol → hash', { 'src/protocol/x.ts': "import '../crypto/hash.ts'" }, /^not-in-allowed: /],
    ['a command → vault', { 'src/cli/x.ts': "import '../vault/journal.ts'" }, /^not-in-allowed: /],
    ['anyone → dev', { 'src/cli/x.ts': "import '../dev/main.ts'", 'src/dev/main.ts': '' }, /^not-in-allowed: /],
    ['a new folder', { 'src/fresh/x.ts': "import '../crypto/hash.ts'" }, /^not-in-allowed: /],
    ['the platform in log', { 'src/log/x.ts': "import 'node:fs'" }, /^not-in-allowed: src\/log\/x\.ts → (node:)?fs$/],
    ['a cycle', { 'src/log/x.ts': "import './y.ts'", 'src/log/y.ts': "import './x.ts'" }, /^no-cycle: /],
    ['a missing file', { 'src/log/x.ts': "import './y.ts'" }, /^unresolvable: /],
  ]
  for (const [what, tree, finding] of planted) {
    await t.test(what, async t => {
      const { findings } = await directFindings(plant(testFolder(t), { ...truthful, ...tree }))
      t.ok(
        findings.some(line => finding.test(line)),
        findings.join('\n') || 'nothing was found',
      )
    })
  }
})

t.test('a library has one door', async t => {
  const libraries = {
    'libsodium-wrappers': 'src/crypto/sodium.ts',
    jose: 'src/crypto/statement.ts',
    pdfkit: 'src/paper/letter.ts',
  }
  for (const [library, door] of Object.entries(libraries)) {
    await t.test(library, async t => {
      const tree = { ...truthful, [door]: `import '${library}'`, 'src/client/x.ts': `import '${library}'` }
      const folder = plant(testFolder(t), tree)
      for (const file of ['package.json', 'index.js']) {
        const path = join(folder, 'node_modules', library, file)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, file === 'package.json' ? `{"name":"${library}","type":"module","main":"index.js"}` : '')
      }
      const { findings } = await directFindings(folder)
      t.same(
        findings.map(line => line.replace(/ → .*/, '')),
        ['not-in-allowed: src/client/x.ts'],
      )
    })
  }
})
