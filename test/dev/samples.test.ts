import { readFileSync, statSync } from 'node:fs'
import { PNG } from 'pngjs'
import t from 'tap'
import { ensureSamples, radiograph } from '../../src/dev/samples.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const at = new Date('2026-11-24T08:00:00.000Z')

t.test('a letter, an image of 20 MiB and a CDA document, made once', async t => {
  const folder = testFolder(t)
  const samples = await ensureSamples(folder, at)
  t.match(readFileSync(samples.letter).subarray(0, 5).toString(), '%PDF-')
  t.match(readFileSync(samples.vaccination, 'utf8'), /<ClinicalDocument/)
  t.ok(statSync(samples.image).size >= 20 * 1024 * 1024)
  const before = statSync(samples.image).mtimeMs
  await ensureSamples(folder, at)
  t.equal(statSync(samples.image).mtimeMs, before)
})

t.test('the image is a PNG that others can read, the same each time', async t => {
  const small = radiograph(64, 48)
  const image = PNG.sync.read(Buffer.from(small))
  t.strictSame([image.width, image.height], [64, 48])
  t.ok(new Set(image.data).size > 64, 'many greys')
  t.strictSame(radiograph(64, 48), small)
})
