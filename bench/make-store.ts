/** `node bench/make-store.ts FOLDER [--entries N] [--records N] [--days N]`: a truthful store to measure and to try on. */
import { parseArgs } from 'node:util'
import { ProgressBar } from '../src/cli/progress.ts'
import { generateStore } from './samples/generated-store.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { entries: { type: 'string' }, records: { type: 'string' }, days: { type: 'string' } },
})
const [folder] = positionals
if (folder === undefined)
  throw new Error('Where to? node bench/make-store.ts FOLDER [--entries N] [--records N] [--days N]')
const number = (text: string | undefined) => (text === undefined ? {} : { n: Number(text) })
const { n: entries = 10_000 } = number(values.entries)
const { n: records } = number(values.records)
const { n: days } = number(values.days)
const bar = new ProgressBar(process.stderr)
const from = performance.now()
const made = await generateStore(folder, {
  entries,
  ...(records === undefined ? {} : { records }),
  ...(days === undefined ? {} : { days }),
  onProgress: (done, total) => bar.update('entries', done, total),
})
bar.clear()
console.log(
  `${made} entries in ${((performance.now() - from) / 1000).toFixed(1)} s: ${folder}/store, ${folder}/anchors.json`,
)
