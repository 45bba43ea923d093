import { recoverRecord } from '../../client/patient/recover.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, homeOf, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient recover',
  summary: 'bring the new identity in, 72 hours after a professional vouched for it',
  help: `
Brings in the identity that coffre patient reopen made, once a professional has vouched for it and 72 hours have passed.
Nobody has access any more but you: give access again to whom you want. Activate the record then with the activation
letter that your insurer sends, and the new kit.

Examples:
  coffre patient recover --home ~/dmp
`,
  options: {
    ...HOME_OPTION,
    'kit-file': { type: 'string', value: 'FILE', description: 'file with the new recovery key; asked for otherwise' },
  },
  async run(args, io) {
    const kit = await secretOf(args, io, { name: 'kit', question: 'Recovery key (on the new kit):' })
    const done = await recoverRecord({ home: homeOf(args), kit, clock: io.clock })
    io.print(`Your record ${done.recordId} has its new identity: ${done.fingerprint}`)
    io.print(`Given back: ${done.returned.join(', ') || 'nothing'}.`)
    if (done.lost > 0) io.print(`Out of reach with the lost kit: what lay in ${done.lost} other compartment(s).`)
    for (const warning of done.warnings) io.print(`Warning: ${warning}`)
    io.print('Next: coffre patient activate, with the activation letter and the new kit.')
    return done
  },
}
