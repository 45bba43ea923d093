import { execFileSync } from 'node:child_process'
import { createDecipheriv, scryptSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Decrypter, generateX25519Identity, identityToRecipient, type Stanza } from 'age-encryption'
import t from 'tap'
import { sealToPassphrase, sealToRecipients } from '../../src/client/age.ts'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { collect, inPieces } from '../fixtures/document.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const content = randomBytes(300_000)

/** Pieces in memory that is used again, as opened documents give them. */
async function* lent() {
  const memory = new Uint8Array(70_000)
  for (const piece of inPieces(content, 70_000)) {
    memory.set(piece)
    yield memory.subarray(0, piece.length)
    memory.fill(0)
  }
}

/** What a passphrase opens (C2SP age.md, "The scrypt recipient type"), by the runtime's own functions. */
const byPassphrase = (passphrase: string) => ({
  unwrapFileKey([stanza]: Stanza[]) {
    const [type, salt = '', logN] = stanza?.args ?? []
    const body = Buffer.from(stanza?.body ?? [])
    if (type !== 'scrypt') return null
    const N = 2 ** Number(logN)
    const salted = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), Buffer.from(salt, 'base64')])
    const key = scryptSync(passphrase, salted, 32, { N, r: 8, p: 1, maxmem: 256 * N * 8 })
    const cipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 })
    cipher.setAuthTag(body.subarray(16))
    return new Uint8Array(Buffer.concat([cipher.update(body.subarray(0, 16)), cipher.final()]))
  },
})

t.test('a recipient opens it with age itself', async t => {
  const folder = testFolder(t)
  const identity = await generateX25519Identity()
  const seal = sealToRecipients([await identityToRecipient(identity)])
  writeFileSync(join(folder, 'key.txt'), `${identity}\n`)
  writeFileSync(join(folder, 'x.age'), await collect(seal(lent())))
  const opened = execFileSync('age', ['-d', '-i', join(folder, 'key.txt'), join(folder, 'x.age')], {
    maxBuffer: 1 << 20,
  })
  t.ok(opened.equals(content))
  t.throws(() => sealToRecipients(['age1nobody']), { code: 'recipient-malformed' })
})

t.test('a passphrase opens the key, and the key every file', async t => {
  const { seal, identity } = await sealToPassphrase('tilleul brume canal 38')
  const file = await collect(seal(lent()))
  const withPassphrase = new Decrypter()
  withPassphrase.addIdentity(byPassphrase('tilleul brume canal 38'))
  const key = (await withPassphrase.decrypt(identity, 'text')).trim()
  t.match(key, /^AGE-SECRET-KEY-PQ-1/)
  const withKey = new Decrypter()
  withKey.addIdentity(key)
  t.ok(Buffer.from(await withKey.decrypt(file)).equals(content))
  await t.rejects(sealToPassphrase('Tilleul-47'), { code: 'passphrase-weak' })
})

t.test('a content that breaks off breaks the file off', async t => {
  const seal = sealToRecipients([await identityToRecipient(await generateX25519Identity())])
  const broken = async function* () {
    yield content.subarray(0, 100)
    throw new Error('altered')
  }
  await t.rejects(collect(seal(broken())), { message: 'altered' })
})
