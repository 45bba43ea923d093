import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { newChallenge, unlockWith } from '../../../src/client/professional/sealed-keys.ts'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../../fixtures/certificates.ts'
import { flipped } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const at = new Date()
const authority = await makeAuthority('persons', at)
const [{ card }, { card: other }] = [
  await makeSoftwareCard(authority, DOCTOR, at),
  await makeSoftwareCard(authority, DOCTOR, at),
]
const Secret = z.strictObject({ secret: z.string() })

t.test('a file sealed by a card opens with that card, and with no other', async t => {
  const path = join(testFolder(t), 'keys.json')
  const challenge = newChallenge(card)
  await (await unlockWith(card, challenge)).write(path, 'keys', { secret: 'the very secret' })
  const again = await unlockWith(card, challenge)
  t.same(await again.read(path, 'keys', Secret), { secret: 'the very secret' })
  t.notMatch(await readFile(path, 'utf8'), /very|dGhlIHZlcn/)

  await t.rejects(unlockWith(other, challenge), { code: 'card-other' })
  const forged = await unlockWith(other, { ...challenge, card: newChallenge(other).card })
  await t.rejects(forged.read(path, 'keys', Secret), { code: 'file-invalid' })
  const elsewhere = await unlockWith(card, { ...challenge, challenge: toBase64url(new Uint8Array(32)) })
  await t.rejects(elsewhere.read(path, 'keys', Secret), { code: 'file-invalid' })
})

t.test('a file is bound to its name, and an altered one is refused', async t => {
  const path = join(testFolder(t), 'keys.json')
  const key = await unlockWith(card, newChallenge(card))
  t.equal(await key.read(path, 'keys', Secret), null, 'not there yet')
  await key.write(path, 'keys', { secret: 'x' })
  await t.rejects(key.read(path, 'records', Secret), { code: 'file-invalid' })
  await t.rejects(key.read(path, 'keys', z.strictObject({ another: z.string() })), { code: 'file-invalid' })
  const file = JSON.parse(await readFile(path, 'utf8')) as { v: 1; sealed: string }
  await writeFile(path, JSON.stringify({ ...file, sealed: flipped(file.sealed, 40) }))
  await t.rejects(key.read(path, 'keys', Secret), { code: 'file-invalid' })
})

t.test('a card whose signatures differ each time cannot seal', async t => {
  await t.rejects(unlockWith({ ...card, algorithms: ['ES256'] }, newChallenge(card)), { code: 'card-unsupported' })
})
