import { readIdentities } from '../../client/patient/identities.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient identity',
  summary: 'show every identity that your record ever had',
  help: `
Shows the fingerprint of each identity that your record ever had, each checked: from a letter of your insurer, following the
one before, its entry in the public log. The last one is yours now: the fingerprint on your recovery kit. One that you do
not know means that somebody stood in your place: call the programme.

Examples:
  coffre patient identity --home ~/dmp
`,
  options: { ...HOME_OPTION },
  async run(args, io) {
    return await signedIn(args, io, async session => {
      const history = await readIdentities(session)
      const identities = history.map(({ identity, fingerprint, isLogged }, n) => {
        io.print(`${n}  ${fingerprint}  ${isLogged ? 'in the log' : 'not in the log yet'}`)
        return { identity: identity.hash, fingerprint, isLogged }
      })
      return { identities }
    })
  },
}
