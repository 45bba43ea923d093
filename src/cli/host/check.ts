import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CoffreError } from '../../crypto/errors.ts'
import { lookIntoSqlite } from '../../vault/store/sqlite.ts'
import { type Command, requiredOption } from '../command.ts'
import {
  checkBodies,
  checkCertificate,
  checkKeys,
  checkLists,
  checkPermissions,
  checkStore,
  type Finding,
} from './checks.ts'
import { type HostConfig, HostConfigError, readHostConfig, readHostKeys } from './config.ts'

/** `EXIT.finding`; that table is not imported, as it reaches the client's code, which no module of the host may. */
const FINDING_EXIT_CODE = 10

interface Result {
  readonly findings: readonly Finding[]
  /** Documents whose parts were hashed again; null when there is no store yet. */
  readonly documents: number | null
}

/** `coffre host check`. */
export const command: Command = {
  name: 'host check',
  summary: 'check the host’s configuration and store',
  help: `Checks what a host needs before it serves, and what it keeps: permissions of key files, keys against the
anchors, the server’s certificate and the revocation lists against today’s date, that the store promises durability
(synchronous=FULL), the database’s own integrity check, and every document’s parts against what its author signed.

Each finding comes with what to do. Nothing is changed. It may run while the host serves; reading all bodies takes time.
Whether the log is whole and every act was allowed is another question: coffre audit verify.

  coffre host check --config data/host/config.json`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the configuration file' },
  },
  async run(args, io) {
    const config = readHostConfig(requiredOption(args, 'config'))
    const findings: Finding[] = [...checkPermissions(config), ...checkFiles(config, io.clock())]
    const store = await checkKept(config, (done, total) => io.progress('Hashing documents again', done, total))
    findings.push(...store.findings)
    for (const { check, what, next } of findings) io.print(`${check}: ${what}. To do: ${next}.`)
    const { documents } = store
    const kept = documents === null ? 'no store yet' : `${documents} documents as their authors signed them`
    if (findings.length === 0) io.print(`All is well: keys, certificates, lists, store; ${kept}.`)
    return { findings, documents } satisfies Result
  },
  exitCode: result => ((result as Result).findings.length === 0 ? 0 : FINDING_EXIT_CODE),
}

/** Keys, certificate and lists. A key that cannot be read is a finding too, and ends what depends on it. */
function checkFiles(config: HostConfig, at: Date): Finding[] {
  const findings: Finding[] = []
  try {
    findings.push(...checkLists(config, at))
    const keys = readHostKeys(config)
    findings.push(...checkKeys(config, keys), ...checkCertificate(config, keys, at))
  } catch (error) {
    if (!HostConfigError.is(error)) throw error
    const check = error.code === 'host-crl' ? 'lists' : 'keys'
    const isMode = error.code === 'host-key' && /mode/.test(error.message)
    // Wide permissions stand in the list already, file by file.
    if (!isMode) findings.push({ check, what: error.message, next: 'put the right file there, then check again' })
  }
  return findings
}

async function checkKept(
  config: HostConfig,
  progress: (done: number, total: number) => void,
): Promise<{ findings: Finding[]; documents: number | null }> {
  const file = join(config.store, 'store.sqlite')
  if (!existsSync(file)) return { findings: [], documents: null }
  let store: ReturnType<typeof lookIntoSqlite> | undefined
  try {
    store = lookIntoSqlite(file)
    const damage = checkStore(store)
    if (damage.length > 0) return { findings: damage, documents: null }
    return await checkBodies(config, store, progress)
  } catch (error) {
    // A database can be too damaged for its own check.
    const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
    if (!CoffreError.is(error) && !isDamaged) throw error
    const next = 'do not start the host on it; keep these files, restore the last backup beside them and compare'
    return { findings: [{ check: 'store', what: (error as Error).message, next }], documents: null }
  } finally {
    await store?.close()
  }
}
