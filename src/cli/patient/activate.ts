import { activateRecord } from '../../client/patient/activate.ts'
import type { Command } from '../command.ts'
import { ENTERING_OPTIONS, entering } from './entering.ts'
import { CONTACT_OPTIONS, contactOf, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient activate',
  summary: 'activate the record with the code of the second letter',
  help: `
Activates your record on this machine: the code of the second letter, the recovery key of the kit, a secret code that
you choose, and a mail address or a telephone that you prove with a one-time password.

With a new activation letter the same gives a record in use another secret code, when the one before was lost: devices made
with that one have to be added again, everything else stays.

The secret code has at least 8 characters, not all of one kind, and is none that anybody would try first. It never
leaves this machine; nobody can tell it to you again or reset it, and with this machine it opens your record.

Each secret is asked for, or read from a file; none is an option's value.

Examples:
  coffre patient activate --home ~/dmp --mail jeanne@example.org
  coffre patient activate --home ~/dmp --telephone +33612345678
  coffre patient activate --home ~/dmp --anchors anchors.json --ins 1234567890123456789012 --mail ADDRESS
                                                                                        (on another machine)
`,
  options: {
    ...ENTERING_OPTIONS,
    ...CONTACT_OPTIONS,
    'code-file': { type: 'string', value: 'FILE', description: 'file with the activation code; asked for otherwise' },
  },
  async run(args, io) {
    const contact = contactOf(args)
    const { place, named, kit, secretCode, password } = await entering(args, io)
    const activated = await activateRecord({
      ...place,
      ...named,
      contact,
      code: await secretOf(args, io, { name: 'code', question: 'Activation code:' }),
      kit: await kit(),
      secretCode: await secretCode('Secret code of your choice:'),
      ...password,
    })
    io.print(`Your record ${activated.recordId} is activated; this machine opens it with your secret code.`)
    io.print(`Fingerprint of your identity: ${activated.fingerprint}`)
    return activated
  },
}
