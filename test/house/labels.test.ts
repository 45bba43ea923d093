import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

const root = resolve(import.meta.dirname, '../..')
const LABEL = /coffre\/v1\/[a-z-]+/g

t.test('every label of the code is in the list of labels, and no other', async t => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(path =>
    /\.tsx?$/.test(path),
  )
  const used = new Set(
    sources.flatMap(path =>
      [...readFileSync(join(root, 'src', path), 'utf8').matchAll(/'(coffre\/v1\/[a-z-]+)'/g)].map(([, label]) => label),
    ),
  )
  const page = readFileSync(join(root, 'docs/protocol/labels.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, label]) => label as string)
  t.same([...listed].sort(), [...used].sort())
  t.equal(new Set(listed).size, listed.length)
  for (const [, label, link] of page.matchAll(/^\| `([^`]+)` \| .*\]\(([^)]+)\)/gm)) {
    const text = readFileSync(join(root, 'docs/protocol', link as string), 'utf8')
    const found: readonly string[] = text.match(LABEL) ?? []
    t.ok(found.includes(label as string), `${label} is on ${link}`)
  }
})
