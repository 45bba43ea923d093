import { proposedIdentities } from '../../client/patient/recoveries.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient recoveries',
  summary: 'show new identities that wait to take the place of yours',
  help: `
Shows every identity that was proposed with a letter in your name, and who vouched for it. If you did not ask for one,
somebody else has your letter: stop it with coffre patient stop-recovery, and call your health insurer.

Examples:
  coffre patient recoveries --home ~/dmp
`,
  options: { ...HOME_OPTION },
  async run(args, io) {
    return await signedIn(args, io, async session => {
      const proposed = await proposedIdentities(session)
      for (const { identity, fingerprint, vouched, stopped } of proposed) {
        const by = vouched.map(each => `${each.by} on ${each.t.slice(0, 10)}`).join(', ')
        io.print(`${identity}  ${fingerprint}${stopped ? '  stopped' : ''}`)
        io.print(`    ${by === '' ? 'nobody has vouched for it' : `vouched for by ${by}`}`)
      }
      if (proposed.length === 0) io.print('No other identity waits.')
      return { proposed }
    })
  },
}
