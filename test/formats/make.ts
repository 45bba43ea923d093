/** `npm run vectors`: writes test/vectors/coffre anew, and the examples of docs/protocol from it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CARD_FILE, makeCardFile } from './card.ts'
import { CARDS_FILE, makeCardsFile } from './cards.ts'
import { exampleText, withExamples } from './example.ts'
import { fileOf, formats, type VectorFile } from './formats.ts'
import { PAGES, VECTORS } from './paths.ts'
import { at } from './world.ts'

const write = (name: string, value: unknown) =>
  writeFileSync(join(VECTORS, name), `${JSON.stringify(value, null, 1)}\n`)

if (!existsSync(CARD_FILE)) write('card.json', await makeCardFile(new Date(at('08:00:00'))))
if (!existsSync(CARDS_FILE)) write('cards.json', await makeCardsFile())

const { openAsDoctor, openAsPatient, recordFile } = await import('./record.ts')
const { recordAttacks } = await import('./record-attacks.ts')
const files = new Map<string, VectorFile>()
for (const format of formats) {
  const file = await fileOf(format)
  files.set(format.file, file)
  write(`${format.file}.json`, file)
  process.stdout.write(`${format.file}.json: ${file.cases.length} cases\n`)
}

const record = await recordFile()
write('record.json', {
  about:
    'A whole record as a host serves it, opened by the patient (kit) and by a doctor (grant): docs/protocol/reading.md.',
  record,
  opens: { patient: await openAsPatient(record), doctor: await openAsDoctor(record) },
  attacks: await recordAttacks(),
})

for (const name of readdirSync(PAGES).filter(page => page.endsWith('.md'))) {
  const path = join(PAGES, name)
  const page = readFileSync(path, 'utf8')
  const written = withExamples(page, ({ file, name: each }) => exampleText(files.get(file) as VectorFile, each))
  if (written !== page) writeFileSync(path, written)
}
