import { readdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import t from 'tap'

// The tests of `crypto`, and that of opening documents, once more on the engine of browsers: in this process
// `platform.ts` is replaced before anything loads it (test/fixtures/engines.ts says why it is done here and not in `src`).

const PLATFORM = new URL('../../src/crypto/platform.ts', import.meta.url).href
const BROWSER = new URL('../fixtures/browser-platform.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    return resolved.url === PLATFORM ? { ...resolved, url: BROWSER } : resolved
  },
})

/** Tests that run both engines by themselves, or compare them. */
const both = ['aead', 'hash', 'mldsa', 'platform', 'sign', 'xwing']
/** Tests of what uses no engine, or the same everywhere (WebCrypto, OPAQUE's own). */
const neither = [
  'bytes',
  'certificate',
  'certificate-chain',
  'certificate-identity',
  'crockford',
  'errors',
  'kit-code',
  'opaque/client',
  'opaque/server',
  'padding',
  'pieces',
  'sodium',
  'statement-es256',
]

const files = readdirSync(new URL('../crypto/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.ts'))
  .map(file => file.slice(0, -'.test.ts'.length))

t.test('this is the engine of browsers', async t => {
  const { nativeEngine } = await import('../../src/crypto/sign.ts')
  t.equal(nativeEngine, null)
  t.same(
    [...both, ...neither].filter(file => !files.includes(file)),
    [],
    'the lists name tests that are there',
  )
})

for (const file of files) {
  if (both.includes(file) || neither.includes(file)) continue
  await import(`../crypto/${file}.test.ts`)
}
await import('../client/document/open.test.ts')
