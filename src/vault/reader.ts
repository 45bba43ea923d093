/** What may be read of a vault beside its one writer, in another thread: committed data alone. */
import { join } from 'node:path'
import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { FileBodies } from './bodies/files.ts'
import { BodyReading } from './body-reading.ts'
import { Callers } from './callers.ts'
import { requireSession } from './sessions.ts'
import { lookIntoSqlite } from './store/sqlite.ts'
import { readTile } from './tile-files.ts'
import { WithdrawalCount } from './withdrawal-count.ts'

export type VaultReader = ReturnType<typeof openReader>

/** Opens it; the vault of the same folder is open already. Throws as `lookIntoSqlite`. */
export function openReader(options: {
  readonly folder: string
  readonly anchors: Anchors
  readonly clock: () => Date
  /** The vault's own. */
  readonly withdrawals: SharedArrayBuffer
}) {
  const { folder, anchors, clock } = options
  const withdrawals = new WithdrawalCount(options.withdrawals)
  const { read, close } = lookIntoSqlite(join(folder, 'store.sqlite'))
  const insurerKey = VerifyKey.parse(fromBase64url(anchors.insurerKey))
  return {
    callers: new Callers({ read, deployment: anchors.deployment, insurerKey, clock, withdrawals }),
    requireSession: (use: Parameters<typeof requireSession>[1]) => requireSession(read, use),
    bodies: new BodyReading({ read, files: new FileBodies(folder), clock }),
    file: (path: string) => readTile(join(folder, 'log'), path),
    close,
  }
}
