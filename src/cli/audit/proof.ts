import { join } from 'node:path'
import { fromBase64url } from '../../crypto/bytes.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { parseEntry } from '../../log/entry.ts'
import { parsePolicy } from '../../log/policy.ts'
import { verifyProof } from '../../log/proof.ts'
import { verifyReceipt } from '../../log/receipt.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { Hash } from '../../protocol/ids.ts'
import { type Arguments, type Command, type Io, requiredOption, textOption, UsageError } from '../command.ts'
import { counted } from '../counted.ts'
import { readAnchors, readText } from './inputs.ts'

/** `coffre audit proof`. */
export const command: Command = {
  name: 'audit proof',
  summary: 'check a receipt and its proof offline',
  help: `Checks one act, without a network: that the host signed the receipt, and that the receipt's entry is in the log which as
many witnesses cosigned as the policy asks. Needs the anchors, which must come from somebody else than the host, and the
proof (C2SP tlog-proof) that a workstation or a patient's export keeps. Without the receipt, give the entry's hash.

  coffre audit proof proofs/ENTRY.tlog-proof --receipt receipt.txt --anchors anchors.json
  coffre audit proof proofs/ENTRY.tlog-proof --entry HASH --anchors anchors.json
  coffre audit proof ENTRY/proof.tlog-proof --lines ENTRY --anchors anchors.json

ENTRY: a folder with an entry's two lines in the files “link” and “event”, as a patient's export has them.`,
  options: {
    anchors: { type: 'string', value: 'FILE', required: true, description: 'what is trusted: keys and policy' },
    receipt: { type: 'string', value: 'FILE', description: 'the receipt: a statement, alone in the file' },
    entry: { type: 'string', value: 'HASH', description: 'the entry’s hash, instead of a receipt' },
    lines: { type: 'string', value: 'FOLDER', description: 'the entry’s own two lines, instead of a receipt' },
  },
  positionals: [{ name: 'PROOF', description: 'the .tlog-proof file', required: true }],
  async run(args, io) {
    const [file] = args.positionals
    if (file === undefined) throw new UsageError('Name the .tlog-proof file')
    const anchors = readAnchors(requiredOption(args, 'anchors'))
    const { entry, said } = await shown(args, anchors)
    const policy = parsePolicy(anchors.policy)
    const now = Math.floor(io.clock().getTime() / 1000)
    const proved = verifyProof(readText(file), fromBase64url(entry), { policy, now })
    const { index, checkpoint, witnessedAt } = proved
    const at = witnessedAt === null ? null : new Date(witnessedAt * 1000).toISOString()
    return told(io, { entry, index, treeSize: checkpoint.size, witnessedAt: at, ...said })
  },
}

interface Said {
  readonly action: string
  readonly t: string
  readonly outcome: string
  /** Whose word it is: the host's receipt, or the entry's own lines. */
  readonly by: 'receipt' | 'entry'
}

/** The entry in question, with what a receipt says of it. */
async function shown(args: Arguments, anchors: Anchors): Promise<{ entry: Hash; said: Said | null }> {
  const [receipt, hash, lines] = [textOption(args, 'receipt'), textOption(args, 'entry'), textOption(args, 'lines')]
  if ([receipt, hash, lines].filter(given => given !== undefined).length !== 1) {
    throw new UsageError('Give one of --receipt, --entry and --lines')
  }
  if (lines !== undefined) {
    const { hash: entry, parsed } = parseEntry({
      link: readText(join(lines, 'link')),
      event: readText(join(lines, 'event')),
    })
    const { action, t, outcome } = parsed.event
    return { entry, said: { action, t, outcome, by: 'entry' } }
  }
  if (receipt === undefined) {
    const parsed = Hash.safeParse(hash)
    if (!parsed.success) throw new UsageError('--entry is an entry’s hash (43 characters)')
    return { entry: parsed.data, said: null }
  }
  const hostKey = VerifyKey.parse(fromBase64url(anchors.hostKey))
  const { payload, event } = await verifyReceipt(readText(receipt).trim(), { deployment: anchors.deployment, hostKey })
  const { action, t, outcome } = event
  return { entry: payload.entryHash, said: { action, t, outcome, by: 'receipt' } }
}

function told(
  io: Io,
  result: { entry: Hash; index: number; treeSize: number; witnessedAt: string | null } & Partial<Said>,
) {
  const { entry, index, treeSize, witnessedAt, action, t, outcome, by } = result
  const whose = by === 'receipt' ? 'The host signed' : 'The entry says'
  if (action !== undefined) io.print(`${whose} that ${action} (${outcome}) was done on ${t}.`)
  io.print(
    `Entry ${entry} is number ${index} of the log; a quorum of witnesses had seen it in ${counted(treeSize, 'entry', 'entries')}`,
  )
  io.print(`at ${witnessedAt}.`)
  return result
}
