import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../crypto/vectors.ts'
import { fileOf, formats, type VectorFile } from '../formats/formats.ts'
import { VECTORS } from '../formats/paths.ts'
import { openAsDoctor, openAsPatient, type Reading, type RecordFile, recordFile } from '../formats/record.ts'
import { attacked, type RecordAttack, recordAttacks } from '../formats/record-attacks.ts'

const read = <T>(name: string): T => JSON.parse(readFileSync(join(VECTORS, name), 'utf8'))
/** Compared as text: a difference in a long value is told by its place, not printed whole. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

for (const format of formats) {
  t.test(`${format.file}.json`, async t => {
    const file = read<VectorFile>(`${format.file}.json`)
    const made = JSON.parse(JSON.stringify(await fileOf(format))) as VectorFile
    t.same(
      made.cases.map(({ name }) => name),
      file.cases.map(({ name }) => name),
    )
    for (const [i, each] of file.cases.entries())
      t.ok(same(made.cases[i], each), `made again, byte by byte: ${each.name}`)
    t.ok(same(made, file), 'and what stands around them')

    const shared = file.shared ?? {}
    const good = file.cases.filter(each => each.refused === undefined)
    for (const { name, given, opens } of good) t.ok(same(await format.open(given, shared), opens), `opens: ${name}`)
    const bad = file.cases.filter(each => each.refused !== undefined)
    for (const { name, given, refused } of bad) {
      t.equal(await codeOf(() => format.open(given, shared)), refused, `refused: ${name}`)
    }
    t.ok(good.length > 0 && new Set(file.cases.map(({ name }) => name)).size === file.cases.length, 'names differ')
    t.comment(`coffre/${format.file}.json: ${good.length} good, ${bad.length} refused`)
  })
}

t.test('record.json: a whole record, from the kit and from a grant', async t => {
  const file = read<{ record: RecordFile; opens: Record<'patient' | 'doctor', Reading>; attacks: RecordAttack[] }>(
    'record.json',
  )
  t.ok(same(await recordFile(), file.record), 'made again, byte by byte')
  t.ok(same(await recordAttacks(), file.attacks), 'and what a lying host would change')
  t.ok(same(await openAsPatient(file.record), file.opens.patient), 'the patient opens all of it')
  t.ok(same(await openAsDoctor(file.record), file.opens.doctor), 'the doctor what the grant reaches')
  t.equal(Object.keys(file.opens.patient.documents).length, 3)
  t.equal(Object.keys(file.opens.doctor.documents).length, 2)
  const readers = { patient: openAsPatient, doctor: openAsDoctor }
  for (const attack of file.attacks) {
    const changed = attacked(file.record, attack)
    t.equal(await codeOf(() => readers[attack.reader](changed)), attack.refused, `${attack.reader}: ${attack.name}`)
  }
})

t.test('every file is one of these', async t => {
  const known = [...formats.map(({ file }) => file), 'record', 'card', 'cards'].map(name => `${name}.json`)
  t.same(
    readdirSync(VECTORS).filter(name => !known.includes(name) && name !== 'README.md'),
    [],
  )
})
