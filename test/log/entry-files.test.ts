import t from 'tap'
import { ENTRIES_IN_FILE, entryFilePath, formatEntryFile } from '../../src/log/entry-files.ts'

const entry = (seq: number) => ({ seq, hash: `h${seq}`, link: `l${seq}`, event: `e${seq}` })

t.test('entries stand under the number of the public log’s bundle', t => {
  t.equal(entryFilePath(0), 'entries/000.jsonl')
  t.equal(entryFilePath(ENTRIES_IN_FILE - 1), 'entries/000.jsonl')
  t.equal(entryFilePath(ENTRIES_IN_FILE * 1234), 'entries/x001/234.jsonl')
  t.end()
})

t.test('three lines an entry, three empty ones for a number that is missing', t => {
  t.equal(formatEntryFile(256, [entry(256), entry(258)]), 'h256\nl256\ne256\n\n\n\nh258\nl258\ne258\n')
  t.equal(formatEntryFile(0, []), '')
  t.end()
})

t.test('a line feed that somebody put into a line makes no other entry', t => {
  const text = formatEntryFile(0, [{ ...entry(0), event: 'e0\nh1\nl1\ne1' }, entry(1)])
  t.equal(text, 'h0\nl0\ne0\\nh1\\nl1\\ne1\nh1\nl1\ne1\n')
  t.end()
})
