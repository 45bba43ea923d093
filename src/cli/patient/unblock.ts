import { unblockHolder } from '../../client/patient/blocking.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, holderOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient unblock',
  summary: 'let somebody ask for access again',
  help: `
Ends a block. No access comes back by it: who was blocked may ask again, and you may give again.

Examples:
  coffre patient unblock 810001234567 --home ~/dmp
`,
  positionals: [{ name: 'NATIONAL-ID', description: '8 and RPPS, 1 and FINESS …', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const nationalId = holderOf(args)
    return await signedIn(args, io, async session => {
      await unblockHolder(session, nationalId)
      io.print(`${nationalId} is blocked no more, and has no access until you give it.`)
      return { nationalId }
    })
  },
}
