/** Two worker threads over the halves of a file, beside Debian's `age` command on the same file. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { concat, randomBytes } from '../../src/crypto/bytes.ts'
import { HEADER_LENGTH, sealAll } from '../../src/crypto/chunks.ts'
import { type Contest, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { contentOf, MIB } from './bodies.ts'
import type { Half } from './half.ts'

const SIZE = 256 * MIB
/** Of a header, where the salt ends. */
const SALT = 24

/** File to nowhere on both sides. The threads wait for work; `age` starts anew each time, as a command does. */
export async function* onBothCores(work: 'seal' | 'open'): AsyncGenerator<Contest> {
  const content = concat(...contentOf(SIZE))
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-cores-'))
  const age = await ageOver(content)
  const workers: Worker[] = []
  try {
    const command = work === 'seal' ? age.commandSeal : age.commandOpen
    const [plain, sealed] = [join(folder, 'plain'), join(folder, 'sealed')]
    const sealing = { key: randomBytes(32), context: randomBytes(32) }
    const ciphertext = sealAll(sealing, content)
    writeFileSync(plain, content)
    writeFileSync(sealed, ciphertext)
    const salt = ciphertext.slice(0, HEADER_LENGTH).slice(0, SALT)
    const whole = { plain, sealed, sealedLength: ciphertext.length, ...sealing, salt }
    const parts = [
      { start: 0, end: SIZE / 2 },
      { start: SIZE / 2, end: SIZE },
    ]
    for (const part of parts) {
      const workerData: Half = { ...whole, ...part }
      workers.push(new Worker(new URL('./half.ts', import.meta.url), { workerData }))
    }
    const both = async () => {
      const done = workers.map(worker => once(worker, 'message'))
      for (const worker of workers) worker.postMessage(work)
      await Promise.all(done)
    }
    yield {
      sides: {
        coffre: megabytesPerSecond(SIZE, both),
        ...(command === null ? {} : { 'age command': megabytesPerSecond(SIZE, command) }),
      },
      comparisons:
        command === null ? [{ of: 'coffre' }] : [{ of: 'coffre', against: 'age command', target: { least: 1 } }],
    }
  } finally {
    for (const worker of workers) await worker.terminate()
    rmSync(folder, { recursive: true, force: true })
    age.close()
  }
}
