import { blockedHolders, blockHolder } from '../../client/patient/blocking.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, holderOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient block',
  summary: 'keep a professional or an establishment out',
  help: `
Keeps somebody out for good: what they hold is taken back, what they could read gets new keys, and nothing lets them in
from then on: no grant, no request, nor the grant of an establishment under whose name they act. (An establishment says
itself who acts for it; the trace shows what it said.)

Without an id, shows who is blocked.

Examples:
  coffre patient block 810001234567 --home ~/dmp
  coffre patient block --home ~/dmp
`,
  positionals: [{ name: 'NATIONAL-ID', description: '8 and RPPS, 1 and FINESS …' }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const nationalId = args.positionals.length === 0 ? null : holderOf(args)
    return await signedIn(args, io, async session => {
      if (nationalId === null) {
        const blocked = blockedHolders(await session.view())
        if (blocked.length === 0) io.print('Nobody is blocked.')
        for (const id of blocked) io.print(id)
        return { blocked }
      }
      const { revoked, rolled } = await blockHolder(session, nationalId)
      io.print(`${nationalId} is blocked (grants taken back: ${revoked.length}).`)
      io.print(rolled.length === 0 ? 'No compartment needed a new key.' : `New keys for: ${rolled.join(', ')}.`)
      return { nationalId, revoked, rolled }
    })
  },
}
