import { undoClosing } from '../../client/patient/closing.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient undo-close',
  summary: 'open a closed record again',
  help: `
Opens again a record that you closed, as long as it was not destroyed. Nobody has access to it until you give it anew.
Wants a sign-in of the last ten minutes.

Examples:
  coffre patient undo-close --home ~/dmp
`,
  options: HOME_OPTION,
  async run(args, io) {
    return await signedIn(args, io, async session => {
      await undoClosing(session)
      io.print('The record is open again; give access as before (coffre patient grant).')
      return {}
    })
  },
}
