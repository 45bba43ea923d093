import { endOtherSession } from '../../client/patient/devices.ts'
import { Hash } from '../../protocol/ids.ts'
import { type Command, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient end-session',
  summary: 'end a session on another device',
  help: `
Ends an open session that coffre patient devices shows. Whoever used it has to sign in again; to keep a lost device out,
remove the device.

Examples:
  coffre patient end-session SESSION --home ~/dmp
`,
  positionals: [{ name: 'SESSION', description: 'its name in the list', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const name = Hash.safeParse(args.positionals[0])
    if (!name.success) throw new UsageError('That is not a session (43 characters); coffre patient devices shows them')
    return await signedIn(args, io, async session => {
      await endOtherSession(session, name.data)
      io.print('The session is ended.')
      return { session: name.data }
    })
  },
}
