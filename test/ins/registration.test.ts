import t from 'tap'
import { fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { codeSigningKey, parseCode } from '../../src/crypto/codes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { issueRegistration, VALIDITY_DAYS } from '../../src/ins/registration.ts'
import { codeKeyOf, verifyRegistration } from '../../src/log/registration.ts'
import type { DeploymentId, Ins } from '../../src/protocol/ids.ts'
import { RegistrationImport } from '../../src/protocol/messages.ts'

const insurer = SigningKey.generate()
const deployment = toBase64url(randomBytes(16)) as DeploymentId
const ins = '1541187387477485562488' as Ins
const now = new Date('2026-11-24T08:00:00.000Z')

for (const purpose of ['opening', 'activation'] as const) {
  t.test(`what is issued for ${purpose} verifies, and only the code makes its key`, async t => {
    const issued = await issueRegistration({ insurer, deployment, ins, purpose, now })
    t.equal(parseCode(issued.code), issued.code)
    t.same(RegistrationImport.parse(issued.import), issued.import)
    const registration = await verifyRegistration(issued.import.registration, {
      insurerKey: insurer.verifyKey,
      deployment,
      purpose,
      person: { ins, salt: fromBase64url(issued.import.salt) },
      usedAt: now,
    })
    t.equal(registration.hash, issued.hash)
    t.same(codeKeyOf(registration).bytes, codeSigningKey(issued.code, ins).verifyKey.bytes)
    t.not(
      toBase64url(codeSigningKey(issued.code, '0833910461279517589858').verifyKey.bytes),
      registration.payload.key,
      'under another INS the code is worth nothing',
    )
    const days = (Date.parse(issued.payload.expiresAt) - now.getTime()) / 86_400_000
    t.equal(days, VALIDITY_DAYS[purpose])
  })
}

t.test('neither the code nor its parts are in what the host is given; no two are alike', async t => {
  const first = await issueRegistration({ insurer, deployment, ins, purpose: 'opening', now })
  const second = await issueRegistration({
    insurer,
    deployment,
    ins,
    purpose: 'opening',
    now,
    supersedes: first.hash,
  })
  t.equal(second.payload.supersedes, first.hash)
  t.not(second.code, first.code)
  t.not(second.import.salt, first.import.salt)
  t.not(second.payload.subject, first.payload.subject)
  const given = JSON.stringify(first.import) + Buffer.from(first.import.registration.split('.')[1] ?? '', 'base64url')
  const bare = first.code.replaceAll('-', '')
  for (const part of [first.code, bare, bare.slice(0, 10), bare.toLowerCase()]) t.notOk(given.includes(part))
})
