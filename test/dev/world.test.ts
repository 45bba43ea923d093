import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DEFAULT_PORTS, layoutOf } from '../../src/dev/layout.ts'
import { CAMILLE } from '../../src/dev/people.ts'
import { ensureWorld, portsFor } from '../../src/dev/world.ts'
import { certifiedLine } from '../../src/ins/certified-list.ts'
import { readCsv } from '../../src/ins/csv.ts'
import { InsKeyFile } from '../../src/ins/key-source.ts'
import { parsePolicy } from '../../src/log/policy.ts'
import { Anchors } from '../../src/protocol/anchors.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const at = new Date('2026-11-24T08:00:00.000Z')

/** Every file below a folder, with its mode and its content's hash. */
function filesOf(folder: string): Map<string, { mode: number; hash: string }> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter(name => statSync(join(folder, name)).isFile()).sort()
  return new Map(
    files.map(name => {
      const path = join(folder, name)
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
      return [name, { mode: statSync(path).mode & 0o777, hash }]
    }),
  )
}

t.test('a world is made whole, found again, and completed when something is missing', async t => {
  const data = testFolder(t)
  const make = (ports = DEFAULT_PORTS) => ensureWorld({ data, ports, at })
  const { anchors, layout } = await make()
  const made = filesOf(data)

  for (const [name, { mode }] of made) {
    const isSecret = /\.key|key\.pem|opaque\.setup|pin\.txt|\.password/.test(name)
    t.equal(mode, isSecret || name.endsWith('people.csv') ? 0o600 : 0o644, name)
  }
  t.strictSame(Anchors.parse(JSON.parse(readFileSync(layout.anchors, 'utf8'))), anchors)
  const policy = parsePolicy(anchors.policy)
  t.equal(policy.witnesses.length, 4, 'two witnesses, two keys each')
  t.equal(policy.logs.length, 2)
  t.ok(InsKeyFile.read(layout.authority.key))

  await make()
  t.strictSame(filesOf(data), made, 'a second start changes nothing')

  const home = join(data, 'people', 'camille-garnier')
  mkdirSync(home, { recursive: true })
  copyFileSync(layout.anchors, join(home, 'anchors.json'))
  const { anchors: moved } = await make({ ...DEFAULT_PORTS, patients: 9443 })
  t.equal(readFileSync(join(home, 'anchors.json'), 'utf8'), readFileSync(layout.anchors, 'utf8'), 'pinned anew')
  t.match(portsFor(data, { mail: 9425 }), { patients: 9443, mail: 9425, professionals: 8444 })
  rmSync(join(data, 'people'), { recursive: true })
  t.match(moved.urls.patients, /:9443$/)
  t.equal(moved.deployment, anchors.deployment)
  await make()

  for (const missing of [layout.anchors, join(layout.cards.doctor, 'card.pem'), layout.host.config]) rmSync(missing)
  await make()
  const completed = filesOf(data)
  t.strictSame([...completed.keys()], [...made.keys()])
  const changed = [...completed].filter(([name, { hash }]) => made.get(name)?.hash !== hash).map(([name]) => name)
  t.strictSame(changed, ['cards/elodie-marechal/card.pem'], 'the card is certified again, on its old key')
})

t.test('the insurer’s list is what the authority reads: one line malformed, the others good', async t => {
  const data = testFolder(t)
  await ensureWorld({ data, ports: DEFAULT_PORTS, at })
  const source = [new Uint8Array(readFileSync(layoutOf(data).insurer.people))]
  let good = 0
  const refused: string[] = []
  for await (const record of readCsv(source, { required: ['nir', 'certified_on', 'certified_by'] })) {
    try {
      certifiedLine(record, at)
      good++
    } catch (error) {
      refused.push((error as Error).message)
    }
  }
  t.equal(good, 5)
  t.equal(refused.length, 1)
  t.match(refused[0], /last two digits/)
  t.notMatch(refused[0], /168033726105505/)
  t.match(CAMILLE.nir, /^2/)
})
