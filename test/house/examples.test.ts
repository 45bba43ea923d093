import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { examplesIn, exampleText, withExamples } from '../formats/example.ts'
import { formats, type VectorFile } from '../formats/formats.ts'
import { PAGES, VECTORS } from '../formats/paths.ts'

const pages = readdirSync(PAGES)
  .filter(name => name.endsWith('.md'))
  .map(name => ({ name, text: readFileSync(join(PAGES, name), 'utf8') }))
const fileOf = (name: string): VectorFile => JSON.parse(readFileSync(join(VECTORS, `${name}.json`), 'utf8'))

t.test('the examples of the pages are cases of the vectors, word for word', async t => {
  for (const { name, text } of pages) {
    for (const block of examplesIn(text)) {
      t.ok(
        block.text === exampleText(fileOf(block.file), block.name),
        `${name}: ${block.file}, ${block.name}; npm run vectors`,
      )
    }
  }
})

t.test('every format has an example on its page', async t => {
  const shown = new Set(pages.flatMap(({ name, text }) => examplesIn(text).map(({ file }) => `${name} ${file}`)))
  t.same(
    formats.map(({ page, file }) => `${page} ${file}`).filter(each => !shown.has(each)),
    [],
  )
})

t.test('an example that was edited by hand is noticed', async t => {
  const page = '# x\n```example box "a key of 32 bytes"\nold\n```\n'
  const written = withExamples(page, ({ file, name }) => exampleText(fileOf(file), name))
  t.not(written, page)
  t.equal(
    withExamples(written, ({ file, name }) => exampleText(fileOf(file), name)),
    written,
  )
})
