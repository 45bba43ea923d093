import t from 'tap'
import { generateCode } from '../../src/crypto/codes.ts'
import { mailedLetter } from '../../src/ins/letter.ts'
import { letterPdf } from '../../src/paper/letter.ts'
import type { Ins } from '../../src/protocol/ids.ts'
import { aboutOf, qrOf, structureOf, textOf, wordsOf } from './pdf.ts'

const letterOf = (purpose: 'opening' | 'activation', code = generateCode()) =>
  mailedLetter({
    recipient: {
      name: 'DUPRÉ-ŁUKASZEWICZ',
      givenNames: 'Éléonore Françoise',
      address: [
        'Résidence Les Œillets',
        'Bâtiment C, 3e étage',
        '14 rue du Château-d’Eau',
        'LIEU-DIT',
        '38000 GRENOBLE',
      ],
    },
    sender: {
      lines: ['Caisse d’assurance maladie', '69100 VILLEURBANNE'],
      place: 'Lyon',
      help: '36 46',
      portal: 'dmp.invalid',
    },
    purpose,
    code,
    ins: '1541187387477485562488' as Ins,
    now: new Date('2026-11-24T08:00:00.000Z'),
    expiresAt: new Date('2027-02-22T08:00:00.000Z'),
  })

for (const purpose of ['opening', 'activation'] as const) {
  t.test(`the ${purpose} letter as a person and a camera read it`, async t => {
    const letter = letterOf(purpose)
    const pdf = await letterPdf(letter)
    const [first = '', second = '', ...more] = textOf(pdf)
    t.same(more, [])
    for (const line of [...letter.recipient, ...letter.sender, letter.code, letter.ins, letter.words[0].title]) {
      t.ok(first.includes(line), line)
    }
    t.ok(second.includes(letter.words[1]?.title ?? '?'))
    for (const group of letter.code.split('-')) t.notOk(second.includes(group), 'the code is on one sheet')
    t.equal(first.split(letter.code).length, 2, 'and there once')
    t.equal(qrOf(pdf), letter.qr)
    t.notOk(aboutOf(pdf).includes(letter.code.slice(0, 5)), 'nor in the properties')
  })
}

t.test('the window shows the address and nothing else, the code is below the first fold', async t => {
  const letter = letterOf('opening')
  const words = wordsOf(await letterPdf(letter))
  const inWindow = words.filter(({ x, y, right, bottom }) => right > 95 && x < 205 && bottom > 45 && y < 90)
  t.equal(inWindow.map(({ text }) => text).join(' '), letter.recipient.join(' '))
  for (const { x, y, right, bottom } of inWindow) t.ok(x >= 109 && right <= 192 && y >= 49 && bottom <= 89)
  const [code] = words.filter(({ text }) => text === letter.code)
  t.ok(code && code.y > 99 && code.bottom < 198)
  t.ok(code && code.bottom - code.y > 7, 'in large type')
})

t.test('it can be listened to, and its fonts travel with it', async t => {
  const pdf = await letterPdf(letterOf('opening'))
  const structure = structureOf(pdf)
  for (const tag of ['H1', 'H2', 'P', 'LI', 'Figure']) t.match(structure, new RegExp(`^\\s+${tag}\\b`, 'm'))
  t.match(structure, 'Votre dossier médical est prêt à être ouvert')
  const about = aboutOf(pdf)
  t.match(about, /Tagged: +yes/)
  t.match(about, /Title: +Votre dossier médical est prêt à être ouvert/)
  t.match(about, /AtkinsonHyperlegible-Regular .* yes yes yes/)
  t.match(about, /AtkinsonHyperlegibleMono-Bold .* yes yes yes/)
})

t.test('the same letter, the same bytes', async t => {
  const letter = letterOf('opening')
  t.same(await letterPdf(letter), await letterPdf(letter))
})

t.test('what does not fit is refused, not cut', async t => {
  const letter = letterOf('opening')
  const [words] = letter.words
  const long = { ...words, warnings: Array.from({ length: 12 }, () => words.warnings.join(' ')) }
  await t.rejects(letterPdf({ ...letter, words: [long] }), RangeError)
})
