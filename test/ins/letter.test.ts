import t from 'tap'
import { generateCode } from '../../src/crypto/codes.ts'
import { codeQr, mailedLetter } from '../../src/ins/letter.ts'
import type { Ins } from '../../src/protocol/ids.ts'

const code = generateCode()
const options = {
  recipient: { name: 'DUPRÉ', givenNames: 'Éléonore', address: ['1 rue Haute', '38000 GRENOBLE'] },
  sender: { lines: ['Caisse'], place: 'Lyon', help: '36 46', portal: 'dossier.exemple.fr' },
  purpose: 'opening' as const,
  code,
  ins: '1541187387477485562488' as Ins,
  now: new Date('2026-11-24T08:00:00.000Z'),
  expiresAt: new Date('2027-02-22T08:00:00.000Z'),
}

t.test('each letter says which it is, until when, and what to do if something is wrong', async t => {
  for (const purpose of ['opening', 'activation'] as const) {
    const letter = mailedLetter({ ...options, purpose })
    t.same(letter.recipient, ['Éléonore DUPRÉ', '1 rue Haute', '38000 GRENOBLE'])
    t.equal(letter.dateLine, 'Lyon, le 24 novembre 2026')
    t.equal(letter.code, code)
    t.equal(letter.qr, `coffre-code:1:${purpose}:${code.replaceAll('-', '')}`)
    t.equal(letter.qr, codeQr(purpose, code))
    t.equal(letter.ins, '15411 87387 47748 55624 88')
    const [french, english] = letter.words
    t.same([french.lang, english?.lang], ['fr-FR', 'en-GB'])
    t.match(french.validity, '22 février 2027')
    t.match(english?.validity, '22 February 2027')
    for (const words of letter.words) {
      t.notOk(JSON.stringify(words).includes(code), 'the words do not hold the code')
      t.match(words.warnings.join(), /36\u00a046/)
      t.match(words.steps.join(), 'dossier.exemple.fr')
    }
  }
  const [opening] = mailedLetter(options).words
  const [activation] = mailedLetter({ ...options, purpose: 'activation' }).words
  t.not(opening.title, activation.title)
  t.match(activation.opening.join(), 'Si ce n’est pas vous qui', 'who did not open it is told what to do')
  t.equal(mailedLetter({ ...options, sender: { ...options.sender, place: '' } }).dateLine, 'Le 24 novembre 2026')
})

t.test('names that cannot be printed are given to a person', async t => {
  const named = (name: string) => mailedLetter({ ...options, recipient: { ...options.recipient, name } })
  t.equal(named('ŁUKASZEWICZ-İNCE').recipient[0], 'Éléonore ŁUKASZEWICZ-INCE')
  t.throws(() => named('Σωκράτης'), { code: 'recipient-unprintable' })
})
