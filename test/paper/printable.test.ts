import t from 'tap'
import { printable } from '../../src/paper/printable.ts'

t.test('French and its neighbours print as they are', async t => {
  for (const text of [
    'Éléonore D’ÀBÇ',
    'œuvre Œ Æ ÿ Ÿ',
    'Łódź Škoda Çelik Ğ ş Nuñez Ångström',
    '« 3 € » – …',
    'ΩΩ'.slice(2),
  ]) {
    t.equal(printable(text), text)
  }
})

t.test('the nearest that the font has, or nothing', async t => {
  t.equal(printable('e\u0301'), 'é', 'composed')
  t.equal(printable('İstanbul'), 'Istanbul')
  t.equal(printable('GROẞ'), 'GROSS')
  t.equal(printable('a\u202fb\u2011c'), 'a\u00a0b-c')
  for (const text of ['Σωκράτης', 'Иван', '日本', 'a\u0000', '😀']) t.equal(printable(text), null)
})
