import { chooseNotices } from '../../client/patient/notices.ts'
import { type Command, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient notices',
  summary: 'be told by mail of what others do in the record, or not',
  help: `
With "on", a mail tells you at once when somebody read, listed, deposited or tried to; at most one mail in ten minutes,
for all that happened. The mail says neither who nor what, and names no health service: sign in and look at the trace,
which is proved. With "off", accesses are never told by mail; the trace shows them all the same.

A change of who can get in (a grant, a device, a new identity, a new activation, this choice itself) is always told.

Examples:
  coffre patient notices on --home ~/dmp
`,
  positionals: [{ name: 'CHOICE', description: 'on or off', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const [choice] = args.positionals
    if (choice !== 'on' && choice !== 'off') throw new UsageError('Say "on" or "off"')
    return await signedIn(args, io, async session => {
      await chooseNotices(session, choice)
      io.print(choice === 'on' ? 'Accesses are told to you by mail.' : 'Accesses are not told by mail any more.')
      return { accesses: choice }
    })
  },
}
