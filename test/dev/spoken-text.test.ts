import t from 'tap'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { generateCode, parseCode } from '../../src/crypto/codes.ts'
import { formatKitSecret } from '../../src/crypto/kit-code.ts'
import { spokenCode, spokenGroups } from '../../src/dev/spoken-text.ts'
import { mailedLetter } from '../../src/ins/letter.ts'
import { recoveryKitPdf } from '../../src/paper/kit.ts'
import { letterPdf } from '../../src/paper/letter.ts'
import { Ins } from '../../src/protocol/ids.ts'

t.test('reads a mailed code off the letter, as a screen reader does', async t => {
  const code = generateCode()
  const letter = mailedLetter({
    recipient: { name: 'GARNIER', givenNames: 'Camille', address: ['14 rue des Teinturiers', '69003 LYON'] },
    sender: { lines: ['Assurance maladie'], place: 'Lyon', help: '3646', portal: 'dmp.invalid' },
    purpose: 'opening',
    code,
    ins: Ins.parse('1541187387477485562488'),
    expiresAt: new Date('2027-01-24T08:00:00.000Z'),
    now: new Date('2026-11-24T08:00:00.000Z'),
  })
  t.equal(parseCode(spokenCode(await letterPdf(letter))), code)
  t.throws(() => spokenCode(new Uint8Array(100)), { code: 'step-failed' })
})

t.test('reads the groups of a recovery kit in their order', async t => {
  const secretText = formatKitSecret(randomBytes(16))
  const pdf = await recoveryKitPdf({
    secretText,
    qr: 'coffre-kit:1:',
    ins: '15411 87387 47748 55624 88',
    fingerprint: 'ABCD EFGH',
    createdAt: new Date('2026-11-24T08:00:00.000Z'),
  })
  t.strictSame(spokenGroups(pdf), secretText.split('-'))
})
