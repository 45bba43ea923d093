import t from 'tap'
import { randomBytes, toHex } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../../src/crypto/kit-code.ts'
import { recoveryKitPdf } from '../../src/paper/kit.ts'
import { aboutOf, qrOf, structureOf, textOf } from './pdf.ts'

const secret = randomBytes(16)
const kit = {
  secretText: formatKitSecret(secret),
  qr: kitSecretQr(secret),
  ins: '15411 87387 47748 55624 88',
  fingerprint: '7QX2 M9KT 4BV0 HZC3 RWNE 85JP',
  createdAt: new Date('2026-11-24T08:00:00.000Z'),
}

t.test('the printed kit gives the secret back, by eye and by camera', async t => {
  const pdf = await recoveryKitPdf(kit)
  const [first = '', second = '', ...more] = textOf(pdf)
  t.same(more, [])
  const rows = [...first.matchAll(/^\s*([0-9A-Z]{3})\s+([0-9A-Z]{3})\s+([0-9A-Z]{3})\s*$/gm)]
  t.same(parseKitSecret(rows.map(([, ...groups]) => groups.join('')).join('')), secret)
  t.same(parseKitSecret(qrOf(pdf) ?? ''), secret)
  t.equal(structureOf(pdf).match(/^\s+Figure\b/gm)?.length, 1, 'and the code stands on one sheet')
  t.match(first, kit.ins)
  t.match(first, kit.fingerprint)
  t.match(first, 'Kit fait le 24 novembre 2026')
  t.match(first.replaceAll(/\s+/g, ' '), 'les documents que vous avez masqués seront perdus pour toujours')
  t.match(second.replaceAll(/\s+/g, ' '), 'the documents that you have masked are lost for ever')
  // two groups at a time: three symbols alone stand in an INS or a fingerprint by chance
  const letters = second.replaceAll(/[^0-9A-Z]/g, '')
  const groups = kit.secretText.split('-')
  for (const [i, group] of groups.slice(1).entries()) {
    t.notOk(letters.includes(`${groups[i]}${group}`), 'the secret is on one sheet')
  }
})

t.test('the kit can be listened to', async t => {
  const pdf = await recoveryKitPdf(kit)
  const structure = structureOf(pdf)
  t.match(structure, /^Document/)
  for (const tag of ['H1', 'H2', 'P', 'Figure']) t.match(structure, new RegExp(`^\\s+${tag}\\b`, 'm'))
  const spoken = Buffer.from(pdf).toString('latin1')
  const groups = kit.secretText.split('-').map(group => [...group].join(' '))
  t.match(spoken, `/ActualText (${groups.slice(0, 3).join(', ')})`)
  t.match(spoken, '/Lang (fr-FR)')
  t.match(spoken, '/Lang (en-GB)')
  t.match(aboutOf(pdf), /Tagged: +yes/)
})

t.test('the same kit, the same bytes', async t => {
  // by their hash: a comparison of bytes that differ would print them
  const printed = async (about: typeof kit) => toHex(sha256(await recoveryKitPdf(about)))
  t.equal(await printed(kit), await printed(kit))
  t.not(await printed({ ...kit, createdAt: new Date(0) }), await printed(kit))
})
