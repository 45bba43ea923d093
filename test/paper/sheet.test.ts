import t from 'tap'
import { Sheets } from '../../src/paper/sheet.ts'
import { aboutOf, qrOf, textOf, wordsOf } from './pdf.ts'

const info = { title: 'Essai', lang: 'fr-FR', author: 'Coffre', createdAt: new Date('2026-11-24T08:00:00.000Z') }

t.test('texts stand where they are put, and the next goes below', async t => {
  const sheets = new Sheets(info)
  sheets.page()
  const next = sheets.text('Premier', { size: 12, x: 20, y: 30, width: 100 })
  const after = sheets.text('Second', { size: 12, x: 20, y: next, width: 100 })
  t.ok(next > 34 && next < 37 && after > next)
  const [first, second] = wordsOf(await sheets.finish())
  t.ok(first && Math.abs(first.x - 20) < 1 && first.y >= 29.5 && first.bottom <= next + 0.5)
  t.ok(second && second.y >= next - 0.5)
})

t.test('no line begins with French punctuation', async t => {
  const sheets = new Sheets(info)
  sheets.page()
  for (let width = 30; width < 60; width += 3) {
    sheets.text('Quoi ? Voici « cela » : un mot ; deux !', { size: 12, x: 20, y: 20 + (width - 30) * 8, width })
  }
  const [text = ''] = textOf(await sheets.finish())
  t.notMatch(text, /^\s*[?:;!»]/m)
  t.notMatch(text, /«\s*$/m)
})

t.test('what would leave the sheet is refused', async t => {
  const sheets = new Sheets(info)
  sheets.page()
  t.throws(() => sheets.text('Trop bas', { size: 12, x: 20, y: 288, width: 100 }), RangeError)
  t.throws(() => sheets.text('long '.repeat(2000), { size: 12, x: 20, y: 20, width: 100 }), RangeError)
  await sheets.finish()
})

t.test('codes for cameras, frames and lines for the eye, a file for decades', async t => {
  const sheets = new Sheets(info)
  sheets.page()
  sheets.text('code', { font: 'code', size: 12, x: 20, y: 10, width: 100 })
  sheets.qr('coffre', { x: 20, y: 30, side: 40, alt: 'Essai' })
  sheets.frame({ x: 10, y: 25, width: 60, height: 50 })
  sheets.line({ x: 4, y: 99 }, { x: 9, y: 99 })
  const pdf = await sheets.finish()
  t.equal(qrOf(pdf), 'coffre')
  const content = Buffer.from(pdf).toString('latin1')
  t.match(content, '<pdfaid:part>2</pdfaid:part>')
  t.match(content, /pdfaid:conformance>A</)
  t.match(aboutOf(pdf), /Title: +Essai/)
  t.match(content, '/Alt (Essai)')
})
