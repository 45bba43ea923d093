import type { Command } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient sign-out',
  summary: 'end the session',
  help: `
Ends the session at the host and removes its keys from this machine. The keys go even when the host does not answer.

Examples:
  coffre patient sign-out --home ~/dmp
`,
  options: { ...HOME_OPTION },
  async run(args, io) {
    return await signedIn(args, io, async session => {
      await session.end()
      io.print('You are signed out; the session’s keys are gone from this machine.')
      return { signedOut: true }
    })
  },
}
