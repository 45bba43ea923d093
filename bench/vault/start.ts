import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openVault } from '../../src/vault/vault.ts'
import type { Figure } from '../harness/figure.ts'
import { generateStore } from '../samples/generated-store.ts'
import { readGenerated } from '../samples/generated-world.ts'

const ENTRIES = 30_000

export default {
  what: 'Milliseconds until a stopped host takes requests again: store opened, tree resumed from its tiles and compared with its root, start entered into the log. COFFRE_BENCH_STORE names a store of bench/make-store.ts: 10 million entries for the target.',
  unit: 'ms',
  async *contests() {
    const given = process.env.COFFRE_BENCH_STORE
    const folder = given ?? mkdtempSync(join(tmpdir(), 'coffre-bench-start-'))
    if (!existsSync(join(folder, 'anchors.json'))) await generateStore(folder, { entries: ENTRIES })
    yield { sides: { coffre: () => startOn(folder) }, comparisons: [{ of: 'coffre', target: { most: 1000 } }] }
    if (given === undefined) rmSync(folder, { recursive: true })
  },
} satisfies Figure

async function startOn(folder: string): Promise<number> {
  const began = performance.now()
  const vault = await openVault({
    folder: join(folder, 'store'),
    ...readGenerated(folder),
    cardAuthorities: [],
    witnesses: [],
    crls: () => [],
    clock: () => new Date(),
    smtp: { host: '127.0.0.1', port: 1, from: 'bench@example.invalid' },
    version: '0',
    onEvent: () => {},
  })
  const ready = performance.now() - began
  await vault.close()
  return ready
}
