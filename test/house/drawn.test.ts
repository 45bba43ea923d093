import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import t from 'tap'

const src = resolve(import.meta.dirname, '../../src')

/**
 * What draws at random can be given its bytes, to make vectors. A salt or a seed given twice gives keys away, so nothing
 * but the module itself may do it: the functions, and the second argument of a chunk sealer.
 */
const GIVEN = /\b(boxWithSalt|sealWithSeed|xwingEncapsulate|SpanSealer\.joining)\b|\bnew ChunkSealer\([^()]*,/
const OWN: Readonly<Record<string, readonly string[]>> = {
  'client/document/crew-thread.ts': ['SpanSealer.joining'], // of a message that the crew's own thread began
  'crypto/box.ts': ['boxWithSalt'],
  'crypto/seal.ts': ['sealWithSeed', 'xwingEncapsulate'],
  'crypto/sodium.ts': ['xwingEncapsulate'],
  'crypto/xwing.ts': ['xwingEncapsulate'],
}

function uses(path: string, text: string): string[] {
  const own = OWN[path] ?? []
  return text.split('\n').flatMap((line, i) => {
    const found = GIVEN.exec(line)
    return found === null || own.includes(found[1] ?? '') ? [] : [`${path}:${i + 1}`]
  })
}

t.test('nothing in src is given what it must draw', async t => {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(path => /\.tsx?$/.test(path))
  const found = paths.flatMap(path => uses(relative(src, join(src, path)), readFileSync(join(src, path), 'utf8')))
  t.same(found, [], 'salts and seeds are drawn where they are used')
  t.ok(paths.length > 100)
})

t.test('planted uses are found', async t => {
  t.same(uses('client/x.ts', 'const a = 1\nconst b = boxWithSalt(key, info, text, salt)'), ['client/x.ts:2'])
  t.same(uses('client/x.ts', 'sealWithSeed(to, info, text, seed)'), ['client/x.ts:1'])
  t.same(uses('client/x.ts', 'new ChunkSealer(key, { salt })'), ['client/x.ts:1'])
  t.same(uses('client/x.ts', 'SpanSealer.joining(message, header)'), ['client/x.ts:1'])
  t.same(uses('client/x.ts', 'new ChunkSealer(key)'), [])
  t.same(uses('crypto/box.ts', 'return boxWithSalt(key, info, plaintext, randomBytes(SALT))'), [])
})
