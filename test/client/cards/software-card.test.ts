import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openSoftwareCard, readSoftwareCard } from '../../../src/client/cards/software-card.ts'
import { InputError } from '../../../src/client/errors.ts'
import { utf8 } from '../../../src/crypto/bytes.ts'
import { DOCTOR, HOSPITAL, makeAuthority, makeSoftwareCard } from '../../fixtures/certificates.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const at = new Date()
const persons = await makeAuthority('persons', at)
const made = await makeSoftwareCard(persons, DOCTOR, at)

t.test('a card opens with its PIN and says whose it is', async t => {
  const { card } = made
  t.match(card.holder, { kind: 'professional', id: DOCTOR.id, surname: 'LEROY' })
  t.same(card.algorithms, ['RS256', 'PS256'])
  t.equal(card.certificates.length, 2, 'leaf and intermediate')
  const organisations = await makeAuthority('organisations', at)
  const { card: hospital } = await makeSoftwareCard(organisations, HOSPITAL, at)
  t.match(hospital.holder, { kind: 'establishment', id: HOSPITAL.id, name: HOSPITAL.name })
})

t.test('the root, which whoever verifies has already, is left out', async t => {
  const { card } = { card: openSoftwareCard({ ...made, chainPem: `${made.chainPem}${persons.anchor}` }) }
  t.equal(card.certificates.length, 2)
})

t.test('it signs, with RSASSA-PKCS1-v1_5 the same each time', async t => {
  const bytes = utf8('to be signed')
  const [one, two] = [await made.card.sign(bytes, 'RS256'), await made.card.sign(bytes, 'RS256')]
  t.same(one, two)
  t.ok(verify('sha256', bytes, createPublicKey(made.chainPem), one))
  t.notSame(await made.card.sign(bytes, 'PS256'), await made.card.sign(bytes, 'PS256'))
  await t.rejects(made.card.sign(bytes, 'ES256'), { code: 'card-unsupported' })
})

t.test('a wrong PIN opens nothing and is not shown', t => {
  const error = t.throws(() => openSoftwareCard({ ...made, pin: '0000' })) as InputError
  t.ok(InputError.is(error, 'card-pin'))
  t.notMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), /0000|4821/)
  t.end()
})

t.test('what is no card is refused', t => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const encrypted = other.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: '4821' }) as string
  const plain = other.export({ type: 'pkcs8', format: 'pem' }) as string
  const broken = made.chainPem.replace('MII', 'AAA')
  for (const [change, message] of [
    [{ chainPem: '' }, /no PEM certificate/],
    [{ chainPem: broken }, /cannot be read/],
    [{ keyPem: plain }, /not an encrypted PKCS#8/],
    [{ keyPem: encrypted }, /not the key of its certificate/],
  ] as const) {
    t.throws(() => openSoftwareCard({ ...made, ...change }), { code: 'card-malformed', message })
  }
  t.end()
})

t.test('a card is read from its files', async t => {
  const folder = testFolder(t)
  const files = { certificate: join(folder, 'card.pem'), key: join(folder, 'card.key.pem') }
  await t.rejects(readSoftwareCard(files, '4821'), { code: 'card-missing' })
  await writeFile(files.certificate, made.chainPem)
  await writeFile(files.key, made.keyPem)
  t.equal((await readSoftwareCard(files, '4821')).holder.id, DOCTOR.id)
})
