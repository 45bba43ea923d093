import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { ensureCard, ensureCardAuthority, ensureServer, ensureServerAuthority } from '../../src/dev/authorities.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const first = new Date('2026-11-24T08:00:00.000Z')
const holder = {
  kind: 'professional',
  id: '899700000017',
  surname: 'MARÉCHAL',
  givenName: 'ÉLODIE',
  profession: 'Médecin',
} as const
const read = (path: string) => readFileSync(path, 'utf8')
const leafOf = (path: string) => parseCertificate(read(path).split('-----')[2]?.replaceAll('\n', '') ?? '')
const crlOf = (path: string) => parseCrl(new Uint8Array(readFileSync(path)))

t.test('authorities and cards are made once, and renewed on the same keys', async t => {
  const folder = testFolder(t)
  const files = [
    'authority/root.pem',
    'authority/root.key',
    'authority/root.crl.der',
    'authority/ca.pem',
    'authority/ca.key',
    'authority/crl.der',
    'card/card.pem',
    'card/card.key.pem',
    'card/pin.txt',
    'servers/root.pem',
    'tls.cert.pem',
    'tls.key.pem',
  ]
  const start = async (at: Date) => {
    const authority = await ensureCardAuthority(join(folder, 'authority'), 'persons', at)
    await ensureCard(join(folder, 'card'), { authority, holder, pin: '1234', at })
    const servers = await ensureServerAuthority(join(folder, 'servers'), at)
    const paths = { certificate: join(folder, 'tls.cert.pem'), key: join(folder, 'tls.key.pem') }
    await ensureServer(paths, { authority: servers, at })
    return Object.fromEntries(files.map(name => [name, readFileSync(join(folder, name)).toString('base64')]))
  }
  const changed = (a: Record<string, string>, b: Record<string, string>) => files.filter(name => a[name] !== b[name])
  const later = (days: number) => new Date(first.getTime() + days * 86_400_000)

  mkdirSync(folder, { recursive: true })
  const made = await start(first)
  for (const name of files) {
    const isPrivate = /key|pin/.test(name)
    t.equal(statSync(join(folder, name)).mode & 0o777, isPrivate ? 0o600 : 0o644, name)
  }
  t.strictSame(changed(made, await start(later(1))), [], 'the next day nothing is due')

  const weekOn = await start(later(5))
  t.strictSame(changed(made, weekOn), ['authority/root.crl.der', 'authority/crl.der'], 'lists first')
  t.ok(crlOf(join(folder, 'authority/crl.der')).nextUpdate > later(11))

  const quarterOn = await start(later(80))
  t.ok(changed(weekOn, quarterOn).includes('tls.cert.pem'))
  t.notOk(changed(weekOn, quarterOn).includes('tls.key.pem'))

  const yearsOn = await start(later(1100))
  const renewed = changed(quarterOn, yearsOn)
  t.ok(renewed.includes('card/card.pem'))
  t.notOk(
    renewed.some(name => /key|pin|root\.pem|ca\.pem/.test(name)),
    'no key is ever made anew',
  )
  t.ok(leafOf(join(folder, 'card/card.pem')).notAfter > later(2000))
})
