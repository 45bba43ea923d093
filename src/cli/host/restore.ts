import { readFileSync } from 'node:fs'
import { verifyCheckpoint } from '../../log/checkpoint.ts'
import { parsePolicy } from '../../log/policy.ts'
import { noteOperatorAct } from '../../vault/operator-acts.ts'
import { checkCopy, copyStore } from '../../vault/store/backup.ts'
import { type Command, flag, requiredOption, textOption, UsageError } from '../command.ts'
import { readHostConfig } from './config.ts'

/** `coffre host restore`. */
export const command: Command = {
  name: 'host restore',
  summary: 'make the store from a copy of it',
  help: `Makes the store of a configuration from a copy that coffre host backup wrote; there must be none yet (move a
damaged one away). The copy is checked: the database whole, every body there, and all that the newest checkpoint speaks of in
it. Take that checkpoint from a witness, a client or your own archive (--checkpoint FILE): a store older than what somebody saw
must not be served, for everybody would rightly say that the log was cut. --no-checkpoint skips it, where nobody ever saw one.

Then audit it before it serves: coffre audit verify STORE --anchors FILE --bodies. The host's next start logs the restoration.

  coffre host restore --config data/host/config.json --from /backup/2026-11-24 --checkpoint checkpoint`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the host’s configuration file' },
    from: { type: 'string', value: 'FOLDER', required: true, description: 'the copy' },
    checkpoint: { type: 'string', value: 'FILE', description: 'the newest checkpoint that somebody else has' },
    'no-checkpoint': { type: 'boolean', description: 'nobody ever saw one' },
  },
  async run(args, io) {
    const { store, anchors } = readHostConfig(requiredOption(args, 'config'))
    const from = requiredOption(args, 'from')
    const file = textOption(args, 'checkpoint')
    if ((file === undefined) !== flag(args, 'no-checkpoint')) {
      throw new UsageError('Give --checkpoint FILE, or --no-checkpoint when nobody ever saw one')
    }
    // Whoever cosigned it: that the log itself signed it is what binds this host.
    const known =
      file === undefined ? null : verifyCheckpoint(readFileSync(file, 'utf8'), parsePolicy(anchors.policy)).checkpoint
    checkCopy(from, known)
    const onProgress = (done: number, total: number) => io.progress('Copying', done, total)
    const copied = await copyStore({ from, to: store, onProgress })
    noteOperatorAct(store, 'restore')
    io.print(
      `${store}: ${copied.entries} entries, ${copied.treeSize} of them in the published tree, ${copied.bodies} bodies.`,
    )
    io.print(`Before it serves: coffre audit verify ${store} --anchors FILE --bodies`)
    return { folder: store, ...copied }
  },
}
