import { noteOperatorAct } from '../../vault/operator-acts.ts'
import { copyStore } from '../../vault/store/backup.ts'
import { type Command, requiredOption } from '../command.ts'
import { readHostConfig } from './config.ts'

/** `coffre host backup`. */
export const command: Command = {
  name: 'host backup',
  summary: 'copy the store, also while the host serves',
  help: `Writes a copy of the store as it is at one moment into a new folder: the database, the log's tiles and
checkpoint, every deposited body, all on the disk when it ends. The host may go on serving; uploads that are not deposited
yet are left out. The log says that a copy was made.

A copy is as confidential as the store: ciphertext, INS, contacts. Encrypt it where it goes elsewhere, and let go of copies
older than the legal time: what patients closed and the host destroyed is still in them. The host's keys are not in it;
keep their copies apart.

  coffre host backup --config data/host/config.json --to /backup/2026-11-24
  coffre host restore --config data/host/config.json --from /backup/2026-11-24 --checkpoint checkpoint`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the host’s configuration file' },
    to: { type: 'string', value: 'FOLDER', required: true, description: 'the folder to make' },
  },
  async run(args, io) {
    const { store } = readHostConfig(requiredOption(args, 'config'))
    const to = requiredOption(args, 'to')
    const onProgress = (done: number, total: number) => io.progress('Copying', done, total)
    const copied = await copyStore({ from: store, to, onProgress })
    noteOperatorAct(store, 'backup')
    io.print(
      `${to}: ${copied.entries} entries, ${copied.treeSize} of them in the published tree, ${copied.bodies} bodies.`,
    )
    return { folder: to, ...copied }
  },
}
