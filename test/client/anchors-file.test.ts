import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadAnchors, pinnedAnchors } from '../../src/client/anchors-file.ts'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { logKeys } from '../../src/log/checkpoint.ts'
import { formatPolicy, makePolicy } from '../../src/log/policy.ts'
import { makeAuthority } from '../fixtures/certificates.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('anchors are pinned at first use', async t => {
  const folder = testFolder(t)
  const authority = await makeAuthority('persons', new Date())
  const key = () => toBase64url(SigningKey.generate().verifyKey.bytes)
  const log = { origin: 'log.example', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
  const anchors = {
    v: 1,
    deployment: toBase64url(new Uint8Array(16)),
    name: 'test',
    development: true,
    urls: { patients: 'https://127.0.0.1:1', professionals: 'https://127.0.0.1:2' },
    serverAuthority: authority.anchor,
    hostKey: key(),
    insurerKey: key(),
    cardAuthorities: [authority.anchor],
    policy: formatPolicy(makePolicy({ log: { keys: logKeys(log) }, witnesses: [], threshold: 0 })),
    origin: log.origin,
  }
  const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')]
  writeFileSync(first, JSON.stringify(anchors))
  writeFileSync(second, JSON.stringify({ ...anchors, insurerKey: key() }))
  const pinned = join(folder, 'home', 'anchors.json')

  await t.rejects(pinnedAnchors(pinned), { code: 'anchors-missing' })
  await t.rejects(loadAnchors(join(folder, 'nothing.json')), { code: 'anchors-missing' })
  t.equal((await pinnedAnchors(pinned, first)).anchors.name, 'test')
  t.equal((await pinnedAnchors(pinned)).cardAuthorities.length, 1, 'and found without being named')
  t.equal((await pinnedAnchors(pinned, first)).anchors.name, 'test')
  await t.rejects(pinnedAnchors(pinned, second), { code: 'anchors-changed' }, 'another insurer’s key is not slipped in')

  writeFileSync(second, JSON.stringify({ ...anchors, cardAuthorities: ['no certificate'] }))
  await t.rejects(loadAnchors(second), { code: 'anchors-invalid' })
  writeFileSync(second, JSON.stringify({ ...anchors, hostKey: toBase64url(new Uint8Array(32)) }))
  await t.rejects(loadAnchors(second), { code: 'anchors-invalid' }, 'a key of small order')
})
