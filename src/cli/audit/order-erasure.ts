import { readFileSync, writeFileSync } from 'node:fs'
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { signErasure } from '../../log/erasure.ts'
import type { Instant } from '../../protocol/ids.ts'
import { type Arguments, type Command, requiredOption, UsageError } from '../command.ts'
import { readAnchors } from './inputs.ts'

/** `coffre audit order-erasure`. */
export const command: Command = {
  name: 'audit order-erasure',
  summary: 'sign an order to have events erased',
  help: `For the authority that the anchors name under “erasure”: signs an order by which a host may erase the events of the
entries from --from up to the one before --to. Events are erased, hashes stay; a host cannot erase anything without such
an order, nor before its term, without every audit finding it. The key file holds a 32-byte seed as base64url.

  coffre audit order-erasure --anchors anchors.json --key erasure.key --from 0 --to 1048576 --basis "…" --out order.jws`,
  options: {
    anchors: { type: 'string', value: 'FILE', required: true, description: 'the deployment, and whose key it must be' },
    key: { type: 'string', value: 'FILE', required: true, description: 'the authority’s signing seed' },
    from: { type: 'string', value: 'N', required: true, description: 'the first entry: 0, 1, 2 …' },
    to: { type: 'string', value: 'N', required: true, description: 'the entry after the last' },
    basis: { type: 'string', value: 'TEXT', required: true, description: 'the law or the judgment' },
    out: { type: 'string', value: 'FILE', required: true, description: 'where to write the order' },
  },
  async run(args, io) {
    const anchors = readAnchors(requiredOption(args, 'anchors'))
    using key = readSeed(requiredOption(args, 'key'))
    if (anchors.erasure?.key !== toBase64url(key.verifyKey.bytes)) {
      throw new UsageError(
        'This is not the key of the authority that the anchors name: no audit would accept the order',
      )
    }
    const [from, to] = [numberOf(args, 'from'), numberOf(args, 'to')]
    if (from >= to) throw new UsageError('--to is the number after the last entry: greater than --from')
    const basis = requiredOption(args, 'basis')
    const t = io.clock().toISOString() as Instant
    const order = await signErasure({ deployment: anchors.deployment, from, to, basis, t }, key)
    const out = requiredOption(args, 'out')
    writeFileSync(out, `${order}\n`)
    io.print(`${out}: entries ${from} to ${to - 1}. Hand it to the host, which runs coffre host erase-log.`)
    return { from, to, out }
  },
}

function readSeed(file: string): SigningKey {
  try {
    return SigningKey.fromSeed(fromBase64url(readFileSync(file, 'latin1').trimEnd()))
  } catch (cause) {
    if (!CoffreError.is(cause) && !(cause instanceof Error && 'code' in cause)) throw cause
    throw new UsageError(`${file} is not a key: 32 bytes as base64url`, { code: 'file-unreadable', cause })
  }
}

function numberOf(args: Arguments, name: string): number {
  const text = requiredOption(args, name)
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new UsageError(`--${name} is the number of an entry: 0, 1, 2 …`)
}
