import t from 'tap'
import { fontFile } from '../../src/paper/fonts.ts'

t.test('the fonts are in the packages', async t => {
  for (const name of ['text', 'bold'] as const) t.equal(fontFile(name).readUInt32BE(0), 0x00010000, 'TrueType')
  t.equal(fontFile('code').toString('latin1', 0, 4), 'wOFF')
})
