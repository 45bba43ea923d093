import { enrol } from '../../client/professional/enrol.ts'
import type { Command } from '../command.ts'
import { actingOf, openWorkstation, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro renew',
  summary: 'make new working keys and publish them, signed by the card',
  help: `
Makes new working keys in the place of the present ones: before their term is over, after pro withdraw, or as often as your
rules ask. The card signs that the new ones follow the old. The folder keeps the old keys: what patients sealed to them
still opens, until a patient's own program seals to the new ones at its next occasion. Patients who gave you access are told.

Interrupted, it goes on with the same keys when it is run again.

Examples:
  coffre pro renew --home ws/leroy
`,
  options: WORKSTATION_OPTIONS,
  async run(args, io) {
    const workstation = await openWorkstation(args, io)
    const acting = actingOf(args, io)
    const done = await enrol(workstation, { renew: true, ...(acting === undefined ? {} : { acting }) })
    const { name, nationalId } = workstation.file
    io.print(`${name} (${nationalId}) has new working keys: the card signed them, the host published them.`)
    io.print(`Key statement ${done.keyStatement}, good until ${done.notAfter.slice(0, 10)}.`)
    return { nationalId, name, keyStatement: done.keyStatement, notAfter: done.notAfter }
  },
}
