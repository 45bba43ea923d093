import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { carryOut } from '../../vault/erasure.ts'
import { Journal } from '../../vault/journal.ts'
import { openSqlite } from '../../vault/store/sqlite.ts'
import { type Command, requiredOption, UsageError } from '../command.ts'
import { readHostConfig, readHostKeys } from './config.ts'

/** `coffre host erase-log`. */
export const command: Command = {
  name: 'host erase-log',
  summary: 'erase events by an order of the authority',
  help: `Carries out an order of the authority that the anchors name: of the entries in its range, the events of acts
that are over when they are done (reads, lists, sign-ins, refusals) are erased. Their hashes and their places in the
chains stay, every proof still verifies, and an entry of the log says what was erased by which order. What later acts
rest on, such as deposits, grants and keys, stays.

Witnesses must have seen the last of the entries for as long as the anchors say. The host must be stopped; a backup taken
before still holds what was erased. Interrupted, give the same order again.

  coffre host erase-log --config data/host/config.json --order order.jws`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the host’s configuration file' },
    order: { type: 'string', value: 'FILE', required: true, description: 'the order, as the authority signed it' },
  },
  async run(args, io) {
    const config = readHostConfig(requiredOption(args, 'config'))
    const { anchors } = config
    const text = read(requiredOption(args, 'order'))
    const clock = () => io.clock()
    const store = openSqlite(join(config.store, 'store.sqlite'))
    try {
      const { hostKey } = readHostKeys(config)
      const journal = new Journal({ deployment: anchors.deployment, hostKey, clock })
      const onProgress = (done: number, total: number) => io.progress('Erasing events', done, total)
      const erased = await carryOut(text, { store, journal, anchors, clock, onProgress })
      io.print(`${erased} ${erased === 1 ? 'event' : 'events'} erased. The order is in the log; start the host again.`)
      io.print('Backups from before hold what was erased: let them run out as your rule for backups says.')
      return { erased }
    } finally {
      await store.close()
    }
  },
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new UsageError(`The order ${file} cannot be read; check the path`, { code: 'file-unreadable', cause })
  }
}
