import { revokeGrants } from '../../client/patient/grants.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, holderOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient revoke',
  summary: 'take access back',
  help: `
Takes back every grant of a professional or an establishment. From that moment the host refuses; then the compartments
that could be read get new keys, which everybody else who has access receives: what is deposited from now on is out of
reach of every key ever given before. What was read before may have been kept; that cannot be undone.

Examples:
  coffre patient revoke 810001234567 --home ~/dmp
`,
  positionals: [{ name: 'NATIONAL-ID', description: '8 and RPPS, 1 and FINESS …', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const nationalId = holderOf(args)
    return await signedIn(args, io, async session => {
      const { revoked, rolled } = await revokeGrants(session, nationalId)
      io.print(
        `${nationalId} has no access any more (${revoked.length} ${revoked.length === 1 ? 'grant' : 'grants'} taken back).`,
      )
      io.print(rolled.length === 0 ? 'No compartment needed a new key.' : `New keys for: ${rolled.join(', ')}.`)
      return { nationalId, revoked, rolled }
    })
  },
}
