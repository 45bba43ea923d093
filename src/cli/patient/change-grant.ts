import { changeGrant } from '../../client/patient/grants.ts'
import { type Command, UsageError } from '../command.ts'
import { rightsOf, UNTIL_OPTION, untilOf } from './grant.ts'
import { HOME_OPTION, holderOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient change-grant',
  summary: 'narrow or widen what somebody may do, or for how long',
  help: `
Gives the holder of a grant other rights, another term, or both. What you do not name stays. Compartments that may be
read no more get new keys.

With --right, those named are all that the holder may do from then on.

Examples:
  coffre patient change-grant 810001234567 --home ~/dmp --until 2027-01-31
  coffre patient change-grant 810001234567 --home ~/dmp --right reports=R --right laboratory=RD
`,
  positionals: [{ name: 'NATIONAL-ID', description: '8 and RPPS, 1 and FINESS …', required: true }],
  options: {
    ...HOME_OPTION,
    right: { type: 'string', multiple: true, value: 'KIND=RD', description: 'compartment and right; may be repeated' },
    ...UNTIL_OPTION,
  },
  async run(args, io) {
    const nationalId = holderOf(args)
    const rights = rightsOf(args)
    const until = untilOf(args)
    if (rights === undefined && until === undefined) throw new UsageError('Say what changes: --right or --until')
    return await signedIn(args, io, async session => {
      const changed = await changeGrant(session, nationalId, {
        ...(rights === undefined ? {} : { rights }),
        ...(until === undefined ? {} : { until }),
      })
      const { grantId, compartments, rolled } = changed
      io.print(`Access for ${nationalId} until ${changed.until}:`)
      for (const each of compartments) io.print(`  ${each.kind.padEnd(12)}  ${each.rights.join(', ')}`)
      if (rolled.length > 0) io.print(`New keys for: ${rolled.join(', ')}.`)
      return { grantId, nationalId, compartments, until: changed.until, rolled }
    })
  },
}
