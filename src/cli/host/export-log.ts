import { noteOperatorAct } from '../../vault/operator-acts.ts'
import { exportLog } from '../../vault/store/log-export.ts'
import { type Command, requiredOption } from '../command.ts'
import { readHostConfig } from './config.ts'

/** `coffre host export-log`. */
export const command: Command = {
  name: 'host export-log',
  summary: 'write the log for an auditor, without INS or ciphertext',
  help: `Writes what an auditor needs into a new folder, which coffre audit verify reads like a store: every entry, the
checkpoints and tiles, states, grants, placements and deposits as they were signed, key statements with their
certificates, revocation lists, registrations and identities. No INS, no document, no key, no mail address is in it.

It may run while the host serves: it is the log as it was at one moment. The anchors are not in it; the auditor takes
them from the programme. Hand it over as you would any list of who treated which pseudonym.

  coffre host export-log --config data/host/config.json --to log-2026-11
  coffre audit verify log-2026-11 --anchors anchors.json`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the host’s configuration file' },
    to: { type: 'string', value: 'FOLDER', required: true, description: 'the folder to make' },
  },
  async run(args, io) {
    const { store } = readHostConfig(requiredOption(args, 'config'))
    const to = requiredOption(args, 'to')
    const onProgress = (done: number, total: number) => io.progress('Copying entries', done, total)
    const exported = await exportLog({ from: store, to, onProgress })
    noteOperatorAct(store, 'export-log')
    const { entries, treeSize, statements } = exported
    const kinds = Object.entries(statements).map(([kind, count]) => `${count} ${kind}`)
    io.print(`${to}: ${entries} entries, ${treeSize} of them in the published tree.`)
    io.print(`Beside them: ${kinds.join(', ')}.`)
    io.print(`Check it as an auditor will: coffre audit verify ${to} --anchors FILE`)
    return { folder: to, ...exported }
  },
}
