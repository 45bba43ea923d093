/** A crew of two threads over one body, file to nowhere, beside Debian's `age` command on the same content. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCrew } from '../../src/client/document/crew-node.ts'
import { filePieces } from '../../src/client/document/file-pieces.ts'
import { concat } from '../../src/crypto/bytes.ts'
import { type Contest, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { contentOf, drain, household, MIB, sealedBody } from './bodies.ts'

const SIZE = 256 * MIB

/** The crew waits for work; `age` starts anew each time, as a command does. */
export async function* onBothCores(work: 'seal' | 'open'): AsyncGenerator<Contest> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-cores-'))
  const age = await ageOver(concat(...contentOf(SIZE)))
  const crew = startCrew(SIZE, 2)
  if (crew === undefined) throw new TypeError('A body of that size is worth a crew')
  try {
    const command = work === 'seal' ? age.commandSeal : age.commandOpen
    const path = join(folder, 'file')
    const options = { areLent: true, work: crew } as const
    let both: () => Promise<void>
    if (work === 'seal') {
      writeFileSync(path, concat(...contentOf(SIZE)))
      const { sealer } = await household(SIZE)
      both = () => drain(sealer.body(filePieces(path), options))
    } else {
      const body = await sealedBody(SIZE)
      writeFileSync(path, concat(...body.pieces))
      both = () => drain(body.open(filePieces(path), options))
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
    crew.close()
    rmSync(folder, { recursive: true, force: true })
    age.close()
  }
}
