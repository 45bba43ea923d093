import t from 'tap'
import { makeKit, readKit } from '../../src/client/kit.ts'
import { recoveryKitPdf } from '../../src/client/kit-pdf.ts'
import { formatKitSecret, kitSecretQr } from '../../src/crypto/kit-code.ts'
import { AT, INS } from '../fixtures/record.ts'

t.test('a kit is asked back by two of its groups', async t => {
  const kit = makeKit({ ins: INS, fingerprint: 'ABCD EFGH JKMN PQRS TVWX YZ01', createdAt: AT })
  const groups = formatKitSecret(kit.secret.bytes).split('-')
  const answer = kit.asked.map(number => groups[number - 1] as string)
  t.equal(kit.asked.length, 2)
  t.ok(kit.isAnswer(answer))
  t.ok(kit.isAnswer(answer.map(group => ` ${group.toLowerCase()} `)), 'typed as people type')
  t.notOk(kit.isAnswer([answer[0] as string]))
  t.notOk(kit.isAnswer(['', '']))
  t.notOk(kit.isAnswer([answer[0] as string, answer[0] === answer[1] ? 'ZZZ' : (answer[0] as string)]))
  const pdf = await recoveryKitPdf(kit.page)
  t.match(Buffer.from(pdf.subarray(0, 5)).toString(), '%PDF-')
  t.notOk(Buffer.from(pdf).toString('latin1').includes(groups.join('')), 'the file’s text is not in the clear')

  const typed = readKit(`  ${groups.join(' ').toLowerCase()}\n`)
  t.same(typed.bytes, kit.secret.bytes)
  t.same(readKit(kitSecretQr(kit.secret.bytes)).bytes, kit.secret.bytes, 'and scanned')
  t.throws(() => readKit('no kit'), { code: 'kit-code-malformed' })
})
