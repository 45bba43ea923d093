/**
 * A crew over one body, file to nowhere, beside Debian's `age` command on the same content, and beside what both cores
 * have to give: two threads with nothing but the runtime's cipher and hash, in memory and (sealing) reading the file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCrew } from '../../src/client/document/crew-node.ts'
import { fileContent } from '../../src/client/document/file-content.ts'
import { concat } from '../../src/crypto/bytes.ts'
import { type Contest, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { rawCores } from '../rivals/raw-cores.ts'
import { contentOf, drain, household, MIB, sealedBody } from './bodies.ts'
import { filePieces } from './file-pieces.ts'

const SIZE = 256 * MIB
const RAW = 'raw cipher + hash, two threads'
const RAW_FILE = 'the same, reading the file'
const AGE = 'age command'

/** The crew waits for work; `age` starts anew each time, as a command does. */
export async function* onBothCores(work: 'seal' | 'open'): AsyncGenerator<Contest> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-cores-'))
  const age = await ageOver(concat(...contentOf(SIZE)))
  const crew = startCrew(SIZE, 2)
  const raw = await rawCores()
  if (crew === undefined) throw new TypeError('A body of that size is worth a crew')
  try {
    const command = work === 'seal' ? age.commandSeal : age.commandOpen
    const path = join(folder, 'file')
    const options = { areLent: true, work: crew } as const
    let both: () => Promise<void>
    if (work === 'seal') {
      writeFileSync(path, concat(...contentOf(SIZE)))
      const { sealer } = await household(SIZE)
      both = () => drain(sealer.body(fileContent(path), options))
    } else {
      const body = await sealedBody(SIZE)
      writeFileSync(path, concat(...body.pieces))
      both = () => drain(body.open(filePieces(path), options))
    }
    yield {
      sides: {
        coffre: megabytesPerSecond(SIZE, both),
        [RAW]: megabytesPerSecond(SIZE, () => raw.run(work, SIZE)),
        ...(work === 'seal' ? { [RAW_FILE]: megabytesPerSecond(SIZE, () => raw.sealFile(path, SIZE)) } : {}),
        ...(command === null ? {} : { [AGE]: megabytesPerSecond(SIZE, command) }),
      },
      comparisons: [
        ...(command === null ? [] : [{ of: 'coffre', against: AGE, target: { least: 1 } }]),
        { of: 'coffre', against: RAW },
        ...(work === 'seal' ? [{ of: 'coffre', against: RAW_FILE }] : []),
        ...(work === 'seal' && command !== null ? [{ of: RAW_FILE, against: AGE }] : []),
        ...(command === null ? [] : [{ of: RAW, against: AGE }]),
      ],
    }
  } finally {
    crew.close()
    await raw.close()
    rmSync(folder, { recursive: true, force: true })
    age.close()
  }
}
