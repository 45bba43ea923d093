import fc from 'fast-check'
import t from 'tap'
import { checkSymbol, formatSymbols, parseSymbols } from '../../src/crypto/crockford.ts'

t.test('reading what people type', async t => {
  t.same(parseSymbols('0oO-1iIlL zZ'), [0, 0, 0, 1, 1, 1, 1, 1, 31, 31])
  t.equal(parseSymbols('U'), null)
  t.equal(parseSymbols('é'), null)
  t.same(parseSymbols(''), [])
  t.equal(formatSymbols([0, 1, 10, 31, 18], 2), '01-AZ-J')
  t.equal(formatSymbols([0, 1, 10, 31], 2), '01-AZ')
})

t.test('every single error and every swap shows, up to 30 symbols', async () => {
  const symbol = fc.integer({ min: 0, max: 31 })
  fc.assert(
    fc.property(fc.array(symbol, { minLength: 30, maxLength: 30 }), values => {
      const word = [...values, checkSymbol(values)]
      const good = (w: readonly number[]) => checkSymbol(w.slice(0, -1)) === w.at(-1)
      for (let i = 0; i < word.length; i++) {
        for (let value = 0; value < 32; value++) if (value !== word[i] && good(word.with(i, value))) return false
        for (let j = 0; j < i; j++) {
          const swapped = word.with(i, word[j] as number).with(j, word[i] as number)
          if (word[i] !== word[j] && good(swapped)) return false
        }
      }
      return good(word)
    }),
    { numRuns: 20 },
  )
})
